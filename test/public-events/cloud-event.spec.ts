import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Recorded } from '../../src/domain/fact.js';
import { dataSchemaOf, sourceOf, toCloudEvent } from '../../src/application/public-events/cloud-event.js';
import { histories } from './histories.js';
import { goods, placed, posted, recorded } from '../projections/recorded.js';

const SOURCE = sourceOf('6f1ed002-ab55-4d3c-8a1f-0d3f2b3c4d5e');

const [order] = recorded([
  {
    event: placed([goods(2, '24.99', 'TEAPOT')]),
    at: '2010-12-01T08:26:00.000Z',
    recordedAt: '2026-03-01T12:00:00.000Z',
  },
]) as [Recorded];

describe('a CloudEvent', () => {
  test('is this, for ever', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const metadata = { ...order.metadata, correlationId: 'checkout-7f3a', causationId: 'key-1', traceparent };
    expect(toCloudEvent({ ...order, revision: 7n, position: 1042n, metadata }, SOURCE)).toEqual({
      specversion: '1.0',
      id: 'id of order-o1/0',
      source: '/ledger/6f1ed002-ab55-4d3c-8a1f-0d3f2b3c4d5e',
      type: 'ledger.order.placed.v1',
      subject: 'order-o1',
      time: '2010-12-01T08:26:00.000Z',
      datacontenttype: 'application/json',
      dataschema: 'urn:commerce-ledger:event:ledger.order.placed.v1',
      sequence: '00000000000000000007',
      partitionkey: 'order-o1',
      position: '1042',
      recordedtime: '2026-03-01T12:00:00.000Z',
      correlationid: 'checkout-7f3a',
      causationid: 'key-1',
      traceparent,
      data: {
        orderId: 'o1',
        lines: [
          {
            line: 1,
            kind: 'goods',
            sku: 'TEAPOT',
            quantity: 2,
            unitPrice: '24.99',
            amount: { minor: '4998', currency: 'GBP' },
          },
        ],
        total: { minor: '4998', currency: 'GBP' },
      },
    });
  });

  test('is not made of what is withheld', () => {
    const [event] = recorded([
      {
        event: posted([
          ['a', 'debit', 1n],
          ['b', 'credit', 1n],
        ]),
      },
    ]) as [Recorded];
    expect(toCloudEvent(event, SOURCE)).toBeUndefined();
  });

  /** github.com/cloudevents/spec, v1.0.2, spec.md: naming conventions, type system, required attributes. */
  test('holds to the rules of the specification, whatever the fact', () => {
    fc.assert(
      fc.property(histories, (events) => {
        for (const event of events) {
          const made = toCloudEvent(event, SOURCE);
          if (!made) continue;
          const { data, ...attributes } = made;
          expect(typeof data).toBe('object');
          for (const [name, value] of Object.entries(attributes)) {
            expect(name).toMatch(/^[a-z0-9]{1,20}$/);
            expect(value).toMatch(/^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]+$/);
          }
          for (const time of [made.time, made.recordedtime]) expect(new Date(time).toISOString()).toBe(time);
          expect(new URL(made.dataschema).href).toBe(dataSchemaOf(made.type));
          expect(new URL(made.source, 'https://shop.example').pathname).toBe(SOURCE);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('has a sequence that sorts as text as revisions do as numbers', () => {
    const sequenceOf = (revision: bigint) => toCloudEvent({ ...order, revision }, SOURCE)?.sequence ?? '';
    const revision = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(revision, revision, (a, b) => {
        expect(sequenceOf(a) < sequenceOf(b)).toBe(a < b);
      }),
    );
  });
});
