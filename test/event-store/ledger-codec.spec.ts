import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import { CorruptEvent, InvalidAppend, UnknownEventType } from '../../src/application/ports/event-store.js';
import { calendarDay, instant, ShapeMismatch } from '../../src/infrastructure/event-store/codec/codec.js';
import { eventCodec } from '../../src/infrastructure/event-store/codec/event-codec.js';
import { ledgerCodec } from '../../src/infrastructure/event-store/codec/ledger.codec.js';
import { NEWER, STORED } from './stored-events.js';

const decoded = (type: string, json: string, schemaVersion = 1) =>
  ledgerCodec.decode(type, { schemaVersion, json }, 'order-1', 7n);
const failure = (attempt: () => unknown): unknown => {
  try {
    return attempt();
  } catch (cause) {
    return cause;
  }
};

describe('stored events', () => {
  test.each(Object.entries(STORED))('%s is read as it was written, and written as it was read', (type, json) => {
    expect(ledgerCodec.encode({ type, data: decoded(type, json) })).toEqual({
      schemaVersion: NEWER[type as LedgerEvent['type']]?.version ?? 1,
      json,
    });
  });

  test.each(Object.entries(NEWER))('%s of its newest version, too', (type, { version, json }) => {
    expect(ledgerCodec.encode({ type, data: decoded(type, json, version) })).toEqual({ schemaVersion: version, json });
    expect(failure(() => decoded(type, json, version + 1))).toBeInstanceOf(UnknownEventType);
  });

  test('money is a bigint, whatever its size', () => {
    expect(decoded('PaymentRecorded', STORED.PaymentRecorded)).toMatchObject({ amount: { minor: 2n ** 63n } });
  });

  test('any order comes back as it was, and is not changed by being written', () => {
    const line = fc.record(
      {
        line: fc.integer({ min: 1 }),
        kind: fc.constantFrom('goods' as const, 'charge' as const, 'voucher' as const),
        sku: fc.string({ unit: 'binary' }),
        quantity: fc.maxSafeNat(),
        unitPrice: fc.string(),
        minor: fc.bigInt(),
        name: fc.string({ unit: 'binary' }),
        writtenAs: fc.string(),
      },
      { requiredKeys: ['line', 'kind', 'sku', 'quantity', 'unitPrice', 'minor'], noNullPrototype: true },
    );
    const order = fc.record(
      {
        orderId: fc.string(),
        customerId: fc.string(),
        country: fc.string(),
        channel: fc.string(),
        currency: fc.string(),
        lines: fc.array(line, { maxLength: 5 }),
        totalMinor: fc.bigInt(),
        documentDay: fc
          .date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
          .map((date) => date.toISOString().slice(0, 10)),
      },
      { requiredKeys: ['orderId', 'currency', 'lines', 'totalMinor'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(order, (data) => {
        const before = structuredClone(data);
        const { json } = ledgerCodec.encode({ type: 'OrderPlaced', data });
        expect(data).toStrictEqual(before);
        expect(decoded('OrderPlaced', json)).toEqual(data);
      }),
    );
  });
});

describe('what is not of its shape', () => {
  const line = '{"line":1,"kind":"goods","sku":"A","quantity":6,"unitPrice":"2.55","minor":"1530"}';
  const placed = (lines: string) => `{"orderId":"1","currency":"GBP","lines":[${lines}],"totalMinor":"1530"}`;
  test.each([
    [
      'OrderPlaced',
      placed(line.replace('"1530"', '1530')),
      'lines[0].minor: expected an integer as a decimal string, found 1530',
    ],
    ['OrderPlaced', placed(`${line},${line.replace('6', '6.5')}`), 'lines[1].quantity: expected a whole number'],
    ['OrderPlaced', placed(line.replace('6', '9007199254740992')), 'lines[0].quantity: expected a whole number'],
    [
      'OrderPlaced',
      placed(line.replace('goods', 'food')),
      'lines[0].kind: expected one of goods, charge, voucher, found "food"',
    ],
    ['OrderPlaced', placed(line.replace('"line":1,', '')), 'lines[0].line: is missing'],
    ['OrderPlaced', placed(line.replace('}', ',"colour":"red"}')), 'lines[0].colour: is not a known field'],
    ['OrderPlaced', placed('null'), 'lines[0]: expected an object, found null'],
    ['OrderPlaced', placed(line.replace('1530', '01')), 'lines[0].minor'],
    ['OrderPlaced', placed(line.replace('1530', '-0')), 'lines[0].minor'],
    ['OrderPlaced', placed(line).replace('}', ',"name":null}'), 'lines[0].name: expected text, found null'],
    ['OrderConfirmed', '{"orderId":"1","__proto__":{}}', '__proto__: is not a known field'],
    ['OrderConfirmed', '{"orderId":"1"', 'JSON'],
    ['OrderConfirmed', '[]', 'expected an object, found a list'],
    ['OrderConfirmed', 'null', 'expected an object, found null'],
    ['OrderConfirmed', '{}', 'orderId: is missing'],
  ])('stops a reader of %s %s, naming the place', (type, json, message) => {
    const cause = failure(() => decoded(type, json));
    expect(cause).toBeInstanceOf(CorruptEvent);
    expect(cause).toMatchObject({
      stream: 'order-1',
      revision: 7n,
      message: expect.stringContaining(message) as unknown,
    });
  });

  test('and a type or a version of another build does too', () => {
    expect(failure(() => decoded('OrderGilded', '{}'))).toMatchObject({
      name: 'UnknownEventType',
      type: 'OrderGilded',
    });
    expect(failure(() => decoded('OrderConfirmed', '{}', 3))).toBeInstanceOf(UnknownEventType);
    expect(failure(() => decoded('OrderConfirmed', '{"orderId":"1"}', 0))).toBeInstanceOf(CorruptEvent);
  });

  test.each<[string, object]>([
    ['OrderConfirmed', { orderId: 1 }],
    ['OrderConfirmed', { orderId: '1', colour: 'red' }],
    ['PaymentRecorded', { paymentId: 'p', orderId: 'o', amount: { minor: 1, currency: 'GBP' }, method: 'card' }],
    ['StockReserved', { sku: 'A', location: 'm', reservationId: 'r', quantity: 1, expiresAt: '2010-12-01' }],
    ['NoSuchType', {}],
  ])('is never written: %s %j', (type, data) => {
    expect(failure(() => ledgerCodec.encode({ type, data }))).toBeInstanceOf(InvalidAppend);
  });

  test('a field that is undefined is absent', () => {
    const { json } = ledgerCodec.encode({ type: 'OrderConfirmed', data: { orderId: '1', colour: undefined } });
    expect(json).toBe('{"orderId":"1"}');
  });
});

describe('upcasters', () => {
  test('lift step by step, each from the version it was written for', () => {
    const codec = eventCodec<{ type: 'Noted'; data: { all: readonly string[] } }>(
      { Noted: { all: { encode: (value) => value, decode: (json) => json as readonly string[] } } },
      {
        Noted: [
          (json) => ({ text: (json as { note: string }).note }),
          (json) => ({ all: [(json as { text: string }).text] }),
        ],
      },
    );
    const read = (schemaVersion: number, json: string) => codec.decode('Noted', { schemaVersion, json }, 's', 0n);
    expect(read(1, '{"note":"a"}')).toEqual({ all: ['a'] });
    expect(read(2, '{"text":"b"}')).toEqual({ all: ['b'] });
    expect(read(3, '{"all":["c"]}')).toEqual({ all: ['c'] });
    expect(codec.encode({ type: 'Noted', data: { all: ['d'] } }).schemaVersion).toBe(3);
  });
});

describe('times', () => {
  test.each(['2010-12-01T08:26:00.000Z', '2012-02-29T23:59:59.999Z', '0000-01-01T00:00:00.000Z'])(
    '%s is one',
    (text) => {
      expect(instant.decode(text)).toBe(text);
      expect(calendarDay.decode(text.slice(0, 10))).toBe(text.slice(0, 10));
    },
  );
  test.each([
    '2010-12-01T08:26:00Z',
    '2010-12-01T08:26:00.000+01:00',
    '2010-12-01T24:00:00.000Z',
    '2010-12-01T08:60:00.000Z',
    '2011-02-29T00:00:00.000Z',
    '2010-13-01T00:00:00.000Z',
    '2010-06-31T00:00:00.000Z',
    '+010000-01-01T00:00:00.000Z',
    '',
    1291191960000,
  ])('%p is none', (text) => {
    expect(failure(() => instant.decode(text))).toBeInstanceOf(ShapeMismatch);
  });
  test.each(['2010-12-1', '2010-02-29', '2010-12-01 ', '20101201'])('%p is no day', (text) => {
    expect(failure(() => calendarDay.decode(text))).toBeInstanceOf(ShapeMismatch);
  });
});
