import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import { CorruptEvent, InvalidAppend, UnknownEventType } from '../../src/application/ports/event-store.js';
import { calendarDay, instant, ShapeMismatch } from '../../src/infrastructure/event-store/codec/codec.js';
import { eventCodec } from '../../src/infrastructure/event-store/codec/event-codec.js';
import { ledgerCodec } from '../../src/infrastructure/event-store/codec/ledger.codec.js';

/** The current versions of those that have more than one, each with what the newest added. */
const NEWER: { readonly [Type in LedgerEvent['type']]?: Readonly<{ version: number; json: string }> } = {
  StockReserved: {
    version: 2,
    json: '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6,"expiresAt":"2010-12-01T08:26:00.000Z","backordered":2}',
  },
  ReservationReleased: {
    version: 2,
    json: '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6,"committed":true,"reason":"paid too late"}',
  },
  StockShipped: {
    version: 2,
    json: '{"sku":"85123A","location":"main","quantity":6,"reservationId":"r1","committed":true}',
  },
  StockReturned: { version: 2, json: '{"sku":"85123A","location":"main","quantity":1,"condition":"damaged"}' },
  OrderPlaced: {
    version: 2,
    json:
      '{"orderId":"o1","currency":"GBP","lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,"unitPrice":"2.55","minor":"1530"}],' +
      '"adjustments":[{"kind":"discount","code":"SPRING","name":"Spring sale","minor":"-100","allocations":[{"line":1,"minor":"-100"}]}],"totalMinor":"1430"}',
  },
  OrderCancelled: {
    version: 2,
    json:
      '{"orderId":"o1","currency":"GBP","lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,"unitPrice":"2.55","minor":"1530"}],' +
      '"adjustments":[{"kind":"discount","code":"SPRING","name":"Spring sale","minor":"-100","allocations":[{"line":1,"minor":"-100"}]}],"totalMinor":"1430","reason":"r"}',
  },
};

/** As logs hold them, in every build since. A line may be added here, never changed. */
const STORED: { readonly [Type in LedgerEvent['type']]: string } = {
  ProductListed: '{"sku":"85123A","name":"HEART","prices":[{"amount":"2.55","currency":"GBP"}]}',
  PriceChanged: '{"sku":"85123A","price":{"amount":"0.001","currency":"GBP"}}',
  ProductDiscontinued: '{"sku":"85123A"}',
  StockReceived: '{"sku":"85123A","location":"main","reference":"r","quantity":6}',
  StockAdjusted: '{"sku":"85123A","location":"main","delta":-6,"reason":"damaged"}',
  StockReserved:
    '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6,"expiresAt":"2010-12-01T08:26:00.000Z"}',
  ReservationReleased: '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6}',
  StockShipped: '{"sku":"85123A","location":"main","reference":"536365","quantity":6,"reservationId":"r1"}',
  StockReturned: '{"sku":"85123A","location":"main","quantity":1000000000}',
  StockCounted: '{"sku":"85123A","location":"main","reference":"r","counted":4,"delta":-2,"reason":"yearly"}',
  ReservationExtended:
    '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6,"expiresAt":"2010-12-01T08:26:00.000Z"}',
  ReservationCommitted: '{"sku":"85123A","location":"main","reservationId":"r1","quantity":6}',
  DamagedStockWrittenOff: '{"sku":"85123A","location":"main","reference":"r","quantity":1,"reason":"scrapped"}',
  StockTransferredOut:
    '{"sku":"85123A","location":"main","transferId":"t1","to":"york","quantity":2,"reason":"demand"}',
  StockTransferredIn: '{"sku":"85123A","location":"york","transferId":"t1","from":"main","quantity":2}',
  BackorderPolicySet: '{"sku":"85123A","location":"main","limit":0}',
  OrderPlaced:
    '{"orderId":"536365","customerId":"17850","country":"United Kingdom","channel":"web","currency":"GBP","lines":[' +
    '{"line":1,"kind":"goods","sku":"85123A","quantity":6,"unitPrice":"2.55","minor":"1530","name":"HEART","writtenAs":"85123a"},' +
    '{"line":2,"kind":"charge","sku":"POST","quantity":1,"unitPrice":"18","minor":"1800"}],' +
    '"totalMinor":"3330","documentDay":"2010-12-01"}',
  OrderConfirmed: '{"orderId":"536365"}',
  OrderCancelled:
    '{"orderId":"536365","currency":"GBP","lines":[{"line":1,"kind":"voucher","sku":"GIFT","quantity":1,' +
    '"unitPrice":"10","minor":"1000"}],"totalMinor":"1000","reason":"changed mind"}',
  OrderDrafted:
    '{"orderId":"o1","customerId":"17850","country":"France","channel":"web","currency":"GBP","lines":[{"line":1,"sku":"85123A",' +
    '"quantity":6,"kind":"goods","unitPrice":"2.55","name":"HEART"},{"line":2,"sku":"POST","quantity":1}],' +
    '"adjustments":[{"kind":"shipping","code":"DHL","name":"DHL Paket","minor":"490"}],"expiresAt":"2010-12-01T08:26:00.000Z"}',
  DraftChanged:
    '{"orderId":"o1","customerId":"17850","country":"France","channel":"web","set":[{"line":3,"sku":"85123A","quantity":6}],' +
    '"removed":[2],"adjustments":[],"expiresAt":"2010-12-01T08:26:00.000Z"}',
  DraftDiscarded: '{"orderId":"o1","reason":"bought elsewhere"}',
  OrderRejected:
    '{"orderId":"o1","currency":"GBP","lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,"unitPrice":"2.55",' +
    '"minor":"1530"}],"totalMinor":"1530","code":"card_declined","reason":"no"}',
  OrderLinesCancelled:
    '{"orderId":"o1","currency":"GBP","lines":[{"line":2,"kind":"goods","sku":"85123A","quantity":1,"unitPrice":"2.55",' +
    '"minor":"255"}],"adjustments":[{"kind":"tax","code":"VAT","minor":"51","allocations":[{"line":2,"minor":"51"}]}],' +
    '"totalMinor":"306","reason":"sold out"}',
  OrderEdited:
    '{"orderId":"o1","currency":"GBP","lines":[{"line":2,"kind":"goods","sku":"85123A","quantity":1,"unitPrice":"2.55",' +
    '"minor":"255"}],"totalMinor":"255","before":{"lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,' +
    '"unitPrice":"2.55","minor":"1530"}],"totalMinor":"1530"},"reason":"asked for"}',
  OrderDelivered: '{"orderId":"o1","lines":[{"line":1,"quantity":6}]}',
  OrderCompleted: '{"orderId":"o1"}',
  ReturnRequested: '{"orderId":"o1","returnId":"ret_1","lines":[{"line":1,"quantity":6}],"reason":"too big"}',
  ReturnReceived:
    '{"orderId":"o1","returnId":"ret_1","currency":"GBP","lines":[{"line":1,"kind":"goods","sku":"85123A","quantity":6,' +
    '"condition":"damaged","minor":"1530"}],"totalMinor":"1530"}',
  OrderShipped: '{"orderId":"536365","lines":[{"line":1,"quantity":6}]}',
  OrderReturned: '{"orderId":"536365","lines":[{"line":1,"quantity":1}],"creditNoteId":"C536379"}',
  PaymentRecorded:
    '{"paymentId":"p1","orderId":"536365","amount":{"minor":"9223372036854775808","currency":"GBP"},"method":"card"}',
  PaymentRefunded:
    '{"paymentId":"p1","orderId":"536365","refundId":"r1","amount":{"minor":"1","currency":"JPY"},"reason":"broken"}',
  PaymentInitiated:
    '{"paymentId":"pay_1","orderId":"ord_1","amount":{"minor":"1999","currency":"GBP"},"method":"pm_card_visa","provider":"sandbox"}',
  AuthorizationRequested:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","amount":{"minor":"1999","currency":"GBP"},"method":"pm_card_visa","provider":"stripe"}',
  AuthorizationSucceeded:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"pi_1","amount":{"minor":"1999","currency":"GBP"},"expiresAt":"2026-03-08T12:00:00.000Z"}',
  AuthorizationFailed:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"card_declined","reason":"no","declineCode":"lost_card","reference":"pi_1"}',
  ActionRequired:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"pi_1","nextActionUrl":"https://hooks.stripe.com/3d"}',
  AuthorizationExpired: '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"pi_1"}',
  CaptureRequested:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","authorizationReference":"pi_1","provider":"stripe","amount":{"minor":"1999","currency":"GBP"}}',
  CaptureSucceeded:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"ch_1","amount":{"minor":"1999","currency":"GBP"},"authorizationReference":"pi_1"}',
  CaptureFailed:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"expired","reason":"no","amount":{"minor":"1999","currency":"GBP"}}',
  VoidRequested:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","authorizationReference":"pi_1","provider":"stripe","reason":"cancelled"}',
  VoidSucceeded: '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"pi_1"}',
  VoidFailed: '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"captured","reason":"no"}',
  RefundRequested:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","authorizationReference":"pi_1","provider":"stripe","amount":{"minor":"1999","currency":"GBP"},"reason":"broken"}',
  RefundSucceeded:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","reference":"re_1","amount":{"minor":"1999","currency":"GBP"},"reason":"broken","authorizationReference":"pi_1"}',
  RefundFailed:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"lost","reason":"no","amount":{"minor":"1999","currency":"GBP"}}',
  RefundReversed:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"expired_or_canceled_card","reason":"no","amount":{"minor":"1999","currency":"GBP"},"reference":"re_1"}',
  OutcomeContradicted:
    '{"paymentId":"pay_1","orderId":"ord_1","operationId":"op_1","code":"failed","reason":"no","operation":"capture"}',
  DisputeOpened:
    '{"paymentId":"pay_1","orderId":"ord_1","disputeId":"dp_1","amount":{"minor":"1999","currency":"GBP"},"reason":"fraudulent"}',
  DisputeWon: '{"paymentId":"pay_1","orderId":"ord_1","disputeId":"dp_1","amount":{"minor":"1999","currency":"GBP"}}',
  DisputeLost: '{"paymentId":"pay_1","orderId":"ord_1","disputeId":"dp_1","amount":{"minor":"1999","currency":"GBP"}}',
  ProviderEventReceived:
    '{"provider":"stripe","eventId":"evt_1","eventType":"charge.dispute.created","mode":"test","objectType":"dispute",' +
    '"objectId":"dp_1","isFinal":"no","news":{"what":"dispute-opened","reference":"dp_1","paymentId":"pay_1",' +
    '"operationId":"op_1","authorizationReference":"pi_1","amount":{"minor":"1999","currency":"GBP"},"code":"c",' +
    '"declineCode":"d","reason":"fraudulent","nextActionUrl":"https://hooks.stripe.com/3d",' +
    '"expiresAt":"2026-03-08T12:00:00.000Z"},"bodySha256":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}',
  CreditNoteIssued:
    '{"creditNoteId":"C536379","customerId":"14527","country":"France","currency":"GBP","lines":[{"line":1,' +
    '"kind":"discount","sku":"D","quantity":1,"unitPrice":"27.5","minor":"2750","name":"Discount","writtenAs":"d",' +
    '"origins":[{"orderId":"536365","line":1,"quantity":1}]}],"totalMinor":"2750","reason":"discount","documentDay":"2010-12-01"}',
  JournalPosted:
    '{"journalId":"A563185","description":"Adjust bad debt","legs":[' +
    '{"account":"revenue:bad-debts","side":"debit","amount":{"minor":"1106206","currency":"GBP"}},' +
    '{"account":"assets:receivables","side":"credit","amount":{"minor":"1106206","currency":"GBP"}}],' +
    '"product":"B","customerId":"1","country":"United Kingdom","documentDay":"2011-08-12"}',
  CustomerRegistered:
    '{"customerId":"cus_1","personal":{"name":"1.1.a","email":"1.1.b","phone":"1.1.c","addresses":"1.1.d"},' +
    '"country":"France","language":"fr","segment":"wholesale"}',
  CustomerChanged:
    '{"customerId":"cus_1","personal":{},"country":"Spain","language":"es","segment":"retail","cleared":["email","addresses"]}',
  CustomerErased: '{"customerId":"cus_1","reason":"consent-withdrawn"}',
};

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
    expect(failure(() => decoded('OrderConfirmed', '{}', 2))).toBeInstanceOf(UnknownEventType);
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
