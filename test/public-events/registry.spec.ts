import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { publicationOf, publications, publicEvents, sourcesOf } from '../../src/application/public-events/registry.js';
import { ledgerCodec } from '../../src/infrastructure/event-store/codec/ledger.codec.js';
import { NEWER, STORED } from '../event-store/stored-events.js';
import { histories } from './histories.js';
import { adjusted, cancelled, goods, placed, posted, refundedPayment } from '../projections/recorded.js';
import { closed, openSchemaCheck, type SchemaCheck } from './schema-check.js';

let violation: SchemaCheck;
beforeAll(async () => {
  violation = await openSchemaCheck();
});

describe('the registry', () => {
  test('names every public type once, as ledger.<context>.<event>.v<version>', () => {
    const types = publicEvents.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    for (const type of types) expect(type).toMatch(/^ledger\.[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$/);
  });

  test('has no context that commands are sent to, so that no command lands in the stream of events', () => {
    expect(publicEvents.filter(({ type }) => type.startsWith('ledger.commands.'))).toEqual([]);
  });

  test('gives a reason for what it withholds', () => {
    for (const publication of Object.values(publications)) {
      if ('withheld' in publication) expect(publication.withheld.length).toBeGreaterThan(20);
    }
    expect(publicationOf('JournalPosted')).toBeUndefined();
    expect(publicationOf('toString')).toBeUndefined();
  });

  test('every example is of its schema', () => {
    for (const { type, data } of publicEvents)
      expect([type, violation(data.schema, data.example)]).toEqual([type, undefined]);
  });

  test('leads from public types back to private ones', () => {
    expect(sourcesOf(['ledger.order.placed.v1', 'ledger.order.confirmed.v1'])).toEqual([
      'OrderPlaced',
      'OrderConfirmed',
    ]);
    expect(sourcesOf(['ledger.order.placed.v2', 'OrderPlaced'])).toEqual([]);
  });
});

describe('the mapping', () => {
  test('makes of every fact exactly what its schema says, and JSON keeps it', () => {
    fc.assert(
      fc.property(histories, (events) => {
        for (const event of events) {
          const publication = publicationOf(event.type);
          if (!publication) continue;
          const data = publication.map(event.data);
          expect([event.type, violation(closed(publication.data.schema), data)]).toEqual([event.type, undefined]);
          expect(JSON.parse(JSON.stringify(data))).toEqual(data);
        }
      }),
      { numRuns: 50 },
    );
  });

  const stored = [
    ...Object.entries(STORED).map(([type, json]) => [type, { schemaVersion: 1, json }] as const),
    ...Object.entries(NEWER).map(([type, { version, json }]) => [type, { schemaVersion: version, json }] as const),
  ];
  test.each(stored)('of %s as logs hold it is of its schema, and of nothing else', (type, { schemaVersion, json }) => {
    const publication = publicationOf(type);
    if (!publication) return expect(publications).toHaveProperty([type, 'withheld']);
    const data = publication.map(ledgerCodec.decode(type, { schemaVersion, json }, 'order-1', 7n));
    expect(violation(closed(publication.data.schema), data)).toBeUndefined();
    expect(JSON.stringify(data)).not.toMatch(/"(?:principal|nextActionUrl|authorizationReference|sealed)"/);
  });

  test('writes an amount beyond 2^53 out in full', () => {
    const order = placed([goods(1_000_000_000, '1000000.55')]);
    expect(publicationOf('OrderPlaced')?.map(order.data)).toMatchObject({
      total: { minor: '100000055000000000', currency: 'GBP' },
      lines: [{ unitPrice: '1000000.55', amount: { minor: '100000055000000000', currency: 'GBP' } }],
    });
  });

  test('tells nobody what people wrote as free text', () => {
    const told = [adjusted(-2), cancelled(placed([goods(1, '2.55')])), refundedPayment(100n)].map(({ type, data }) =>
      JSON.stringify(publicationOf(type)?.map(data)),
    );
    for (const text of told) expect(text).not.toMatch(/reason|count|changed their mind|returned"/);
    expect(
      posted([
        ['revenue', 'debit', 1n],
        ['assets', 'credit', 1n],
      ]).type in publications,
    ).toBe(true);
  });
});
