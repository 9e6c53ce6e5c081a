import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestApi, type TestApi } from './api-harness.js';

let api: TestApi;
let orderId: string;
beforeAll(async () => {
  api = await openTestApi();
  await api.post('/v1/products', { sku: 'MUG', name: 'Mug', prices: [{ amount: '2.55', currency: 'GBP' }] });
});
beforeEach(async () => {
  const placed = await api.post('/v1/orders', { currency: 'GBP', lines: [{ sku: 'MUG', quantity: 10 }] });
  orderId = String(placed.json['id']);
});
afterAll(() => api.close());

const GBP = (minor: string) => ({ minor, currency: 'GBP' });
const key = () => ({ 'idempotency-key': randomUUID() });
const read = async (path: string) => {
  await api.project();
  return (await api.get(path)).json;
};

describe('a credit note', () => {
  const credit = () => ({
    currency: 'GBP',
    customerId: '17850',
    country: 'France',
    reason: 'Broken on arrival',
    documentDay: '2026-02-28',
    lines: [
      { kind: 'goods', sku: 'MUG', quantity: 3, unitPrice: '2.555', origins: [{ orderId, line: 1, quantity: 2 }] },
      { kind: 'discount', sku: 'D', quantity: 1, unitPrice: '1.5', name: 'For the trouble' },
    ],
  });

  test('is issued under the number of its document, read back at once, and counts as returns on its day', async () => {
    const issued = await api.post('/v1/credit-notes', { ...credit(), creditNoteId: 'CN-1001' });
    expect([issued.status, issued.headers['location']]).toEqual([201, '/v1/credit-notes/CN-1001']);
    const got = await api.get(`/v1/credit-notes/CN-1001?minPosition=${String(issued.json['position'])}`);
    expect(got.json).toEqual({
      object: 'credit-note',
      creditNoteId: 'CN-1001',
      customerId: '17850',
      country: 'France',
      // 3 × 2.555 = 7.665, half to even
      lines: [
        {
          line: 1,
          kind: 'goods',
          sku: 'MUG',
          quantity: 3,
          unitPrice: '2.555',
          amount: { minor: '766', currency: 'GBP' },
          origins: [{ orderId, line: 1, quantity: 2 }],
        },
        {
          line: 2,
          kind: 'discount',
          sku: 'D',
          quantity: 1,
          unitPrice: '1.5',
          amount: { minor: '150', currency: 'GBP' },
          name: 'For the trouble',
          origins: [],
        },
      ],
      total: { minor: '916', currency: 'GBP' },
      reason: 'Broken on arrival',
      documentDay: '2026-02-28',
      principal: 'local',
      issuedAt: '2026-03-01T12:00:00.000Z',
      revision: '0',
    });
    const again = await api.get('/v1/credit-notes/CN-1001', { 'if-none-match': String(got.headers['etag']) });
    expect([again.status, got.headers['ledger-view-lag']]).toEqual([304, '0']);
    const days = (await read('/v1/sales/day?currency=GBP&from=2026-02-28&to=2026-03-01'))['data'];
    expect(days).toMatchObject([{ returns: GBP('916'), counts: { creditNotes: 1 } }]);
  });

  test('is issued once: the same key answers the same, another key under its number is refused', async () => {
    const once = key();
    const body = { ...credit(), creditNoteId: 'CN-2' };
    const [first, second] = [
      await api.post('/v1/credit-notes', body, once),
      await api.post('/v1/credit-notes', body, once),
    ];
    expect([second.json, second.headers['idempotent-replayed']]).toEqual([first.json, 'true']);
    const other = await api.post('/v1/credit-notes', body);
    expect([other.status, other.json['code']]).toEqual([409, 'credit-note-already-issued']);
    const changed = await api.post('/v1/credit-notes', { ...body, reason: 'Another' }, once);
    expect([changed.status, changed.json['code']]).toEqual([422, 'idempotency-key-reused']);
  });

  test('without a number has one that follows from the key', async () => {
    const once = key();
    const [first, second] = [
      await api.post('/v1/credit-notes', credit(), once),
      await api.post('/v1/credit-notes', credit(), once),
    ];
    expect(first.json['id']).toMatch(/^cn_/);
    expect(second.json['id']).toBe(first.json['id']);
  });

  test.each([
    ['no lines', { lines: [] }, 400, '/lines'],
    [
      'a price below zero',
      { lines: [{ kind: 'goods', sku: 'MUG', quantity: 1, unitPrice: '-1' }] },
      400,
      '/lines/0/unitPrice',
    ],
    [
      'a kind that is none',
      { lines: [{ kind: 'gift', sku: 'MUG', quantity: 1, unitPrice: '1' }] },
      400,
      '/lines/0/kind',
    ],
    ['no reason', { reason: undefined }, 400, '/reason'],
  ])('with %s is not valid', async (_, part, status, pointer) => {
    const answer = await api.post('/v1/credit-notes', { ...credit(), ...part });
    expect([answer.status, answer.json]).toMatchObject([status, { code: 'request-invalid', errors: [{ pointer }] }]);
  });

  test('cannot give back more units of order lines than its own line has', async () => {
    const lines = [{ ...credit().lines[0], quantity: 1 }];
    const answer = await api.post('/v1/credit-notes', { ...credit(), lines });
    expect([answer.status, answer.json]).toMatchObject([
      422,
      { code: 'origins-exceed-line', errors: [{ pointer: '/lines/0/origins' }] },
    ]);
  });

  describe('is held against its orders', () => {
    const mugs = (origin: object) => ({ ...credit().lines[0], quantity: 50, origins: [origin] });
    const refused = async (origin: object, change: object = {}) => {
      const lines = [credit().lines[1], mugs(origin)];
      const { status, json } = await api.post('/v1/credit-notes', { ...credit(), lines, ...change });
      expect(json['errors']).toMatchObject([{ pointer: '/lines/1/origins' }]);
      return [status, json];
    };

    test('which were placed, and have such a line', async () => {
      const draft = await api.post('/v1/drafts', { currency: 'GBP', lines: [{ sku: 'MUG', quantity: 1 }] });
      for (const id of ['ord_none', String(draft.json['id'])]) {
        const why = { code: 'origin-order-unknown', line: 2, orderId: id };
        expect(await refused({ orderId: id, line: 1, quantity: 1 })).toMatchObject([422, why]);
      }
      const why = { code: 'origin-line-unknown', orderLine: 2 };
      expect(await refused({ orderId, line: 2, quantity: 1 })).toMatchObject([422, why]);
    });

    test('of the same goods, in the same currency, and in no more units', async () => {
      const cup = await api.post('/v1/orders', {
        currency: 'GBP',
        lines: [{ kind: 'charge', sku: 'CUP', quantity: 1, unitPrice: '1' }],
      });
      const other = { code: 'origin-product-differs', sold: 'CUP' };
      expect(await refused({ orderId: cup.json['id'], line: 1, quantity: 1 })).toMatchObject([422, other]);
      const currency = { code: 'origin-currency-differs', expected: 'GBP' };
      expect(await refused({ orderId, line: 1, quantity: 1 }, { currency: 'EUR' })).toMatchObject([422, currency]);
      const more = { code: 'origin-exceeds-ordered', ordered: 10, requested: 11 };
      expect(await refused({ orderId, line: 1, quantity: 11 })).toMatchObject([409, more]);
      expect(await read(`/v1/orders/${orderId}`)).toMatchObject({ payment: 'none', credited: GBP('0') });
    });

    test('as they are then: what was issued is answered as it was, also when its order has changed', async () => {
      const once = key();
      const body = { ...credit(), creditNoteId: 'CN-3' };
      const first = await api.post('/v1/credit-notes', body, once);
      const changes = { setQuantities: [{ line: 1, quantity: 1 }], reason: 'Fewer' };
      const edited = await api.post(`/v1/orders/${orderId}/edit`, changes, { 'if-match': '"0"' });
      expect([first.status, edited.status]).toEqual([201, 200]);
      const again = await api.post('/v1/credit-notes', body, once);
      expect([again.json, again.headers['idempotent-replayed']]).toEqual([first.json, 'true']);
      const another = await api.post('/v1/credit-notes', { ...body, creditNoteId: 'CN-4' });
      expect([another.status, another.json]).toMatchObject([409, { code: 'origin-exceeds-ordered', ordered: 1 }]);
    });
  });

  test('that was never issued is not known', async () => {
    const answer = await api.get('/v1/credit-notes/CN-404');
    expect([answer.status, answer.json['code']]).toEqual([404, 'credit-note-unknown']);
    const early = await api.get('/v1/credit-notes/CN-404?minPosition=9999');
    expect(early.json['code']).toBe('position-unknown');
  });
});

describe('a posting', () => {
  const loss = {
    description: 'Customer is bankrupt',
    product: 'B',
    country: 'United Kingdom',
    documentDay: '2026-02-27',
    legs: [
      { account: 'revenue:bad-debts', side: 'debit', minor: '1106206', currency: 'GBP' },
      { account: 'assets:receivables', side: 'credit', minor: '1106206', currency: 'GBP' },
    ],
  };

  test('is made once, read back, and an account below revenue adjusts the sales of its day', async () => {
    const once = key();
    const [posted, again] = [await api.post('/v1/journals', loss, once), await api.post('/v1/journals', loss, once)];
    expect([posted.status, again.json, again.headers['idempotent-replayed']]).toEqual([201, posted.json, 'true']);
    const journalId = String(posted.json['id']);
    expect((await api.get(String(posted.headers['location']))).json).toEqual({
      object: 'journal',
      journalId,
      description: 'Customer is bankrupt',
      product: 'B',
      country: 'United Kingdom',
      documentDay: '2026-02-27',
      legs: [
        { account: 'revenue:bad-debts', side: 'debit', amount: { minor: '1106206', currency: 'GBP' } },
        { account: 'assets:receivables', side: 'credit', amount: { minor: '1106206', currency: 'GBP' } },
      ],
      principal: 'local',
      postedAt: '2026-03-01T12:00:00.000Z',
      revision: '0',
    });
    const days = (await read('/v1/sales/day?currency=GBP&from=2026-02-27&to=2026-02-28'))['data'];
    expect(days).toMatchObject([{ adjustments: GBP('-1106206'), net: GBP('-1106206') }]);
  });

  test('under a number that is taken is refused', async () => {
    const numbered = { ...loss, journalId: 'J-1' };
    expect((await api.post('/v1/journals', numbered)).headers['location']).toBe('/v1/journals/J-1');
    const other = await api.post('/v1/journals', numbered);
    expect([other.status, other.json['code']]).toEqual([409, 'journal-already-posted']);
  });

  test('is refused when its sides differ, in any one currency', async () => {
    const euros = [
      { account: 'assets:cash', side: 'debit', minor: '10', currency: 'EUR' },
      { account: 'assets:till', side: 'credit', minor: '9', currency: 'EUR' },
    ];
    const answer = await api.post('/v1/journals', { ...loss, legs: [...loss.legs, ...euros] });
    expect([answer.status, answer.json]).toMatchObject([
      422,
      { code: 'journal-unbalanced', currency: 'EUR', debitMinor: '10', creditMinor: '9' },
    ]);
  });

  test.each([
    ['one leg', { legs: loss.legs.slice(0, 1) }, '/legs'],
    ['an amount of nothing', { legs: [{ ...loss.legs[0], minor: '0' }, loss.legs[1]] }, '/legs/0/minor'],
    ['an account in capitals', { legs: [loss.legs[0], { ...loss.legs[1], account: 'Cash' }] }, '/legs/1/account'],
    ['no description', { description: ' ' }, '/description'],
  ])('with %s is not valid', async (_, part, pointer) => {
    const answer = await api.post('/v1/journals', { ...loss, ...part });
    expect([answer.status, answer.json]).toMatchObject([400, { code: 'request-invalid', errors: [{ pointer }] }]);
  });

  test('that was never made is not known', async () => {
    const answer = await api.get('/v1/journals/J-404');
    expect([answer.status, answer.json['code']]).toEqual([404, 'journal-unknown']);
  });
});

describe('a payment that was settled elsewhere', () => {
  const recorded = async () => {
    const answer = await api.post('/v1/recorded-payments', { orderId, method: 'bank-transfer', ...GBP('2550') });
    expect([answer.status, answer.headers['location']]).toEqual([201, `/v1/payments/${String(answer.json['id'])}`]);
    return String(answer.json['id']);
  };
  const refund = (paymentId: string, body: object, headers = key()) =>
    api.post(`/v1/recorded-payments/${paymentId}/refund`, { reason: 'Broken on arrival', ...body }, headers);

  test('is read like every payment, and pays its order', async () => {
    const id = await recorded();
    expect(await read(`/v1/payments/${id}`)).toMatchObject({
      orderId,
      method: 'bank-transfer',
      status: 'captured',
      captured: GBP('2550'),
    });
    expect(await read(`/v1/orders/${orderId}`)).toMatchObject({ payment: 'paid', paid: GBP('2550') });
  });

  test('is refunded up to what was paid; a refund id counts once', async () => {
    const id = await recorded();
    expect((await refund(id, { ...GBP('1000'), refundId: 'CN-7' })).status).toBe(200);
    expect((await refund(id, { ...GBP('1000'), refundId: 'CN-7' })).status).toBe(200);
    const reused = await refund(id, { ...GBP('1'), refundId: 'CN-7' });
    expect([reused.status, reused.json['code']]).toEqual([422, 'refund-id-reused']);
    const more = await refund(id, GBP('1551'));
    expect([more.status, more.json]).toMatchObject([409, { code: 'exceeds-captured', remaining: GBP('1550') }]);
    const once = key();
    const [first, second] = [await refund(id, GBP('1550'), once), await refund(id, GBP('1550'), once)];
    expect([second.json, first.json['id']]).toEqual([first.json, expect.stringMatching(/^rf_/)]);
    expect(await read(`/v1/payments/${id}`)).toMatchObject({ status: 'refunded', refunded: GBP('2550') });
  });

  test('needs an order, and a repeated request is answered as the first time', async () => {
    const body = { orderId: 'ord_none', method: 'cash', ...GBP('1') };
    const unknown = await api.post('/v1/recorded-payments', body);
    expect([unknown.status, unknown.json['code']]).toEqual([404, 'order-unknown']);
    const once = key();
    const paid = { orderId, method: 'cash', ...GBP('1') };
    const [first, second] = [
      await api.post('/v1/recorded-payments', paid, once),
      await api.post('/v1/recorded-payments', paid, once),
    ];
    expect([second.json, second.headers['idempotent-replayed']]).toEqual([first.json, 'true']);
  });

  test('is of an order that was placed, whether it still stands, and in its currency', async () => {
    const cash = (of: string, currency = 'GBP') =>
      api.post('/v1/recorded-payments', { orderId: of, method: 'cash', minor: '1', currency });
    const draft = await api.post('/v1/drafts', { currency: 'GBP', lines: [{ sku: 'MUG', quantity: 1 }] });
    const early = await cash(String(draft.json['id']));
    expect([early.status, early.json['code']]).toEqual([409, 'order-not-placed']);
    const euros = await cash(orderId, 'EUR');
    expect([euros.status, euros.json]).toMatchObject([422, { code: 'currency-mismatch', expected: 'GBP' }]);
    await api.post(`/v1/orders/${orderId}/cancel`, { reason: 'Changed their mind' });
    expect((await cash(orderId)).status).toBe(201);
    expect(await read(`/v1/orders/${orderId}`)).toMatchObject({ status: 'cancelled', paid: GBP('1') });
  });

  test('is not one that a provider carries out, whose refunds are asked of it', async () => {
    const provided = await api.post('/v1/payments', { orderId, method: 'pm_card_visa', ...GBP('2550') });
    const answer = await refund(String(provided.json['id']), GBP('1'));
    expect([answer.status, answer.json['code']]).toEqual([409, 'payment-with-provider']);
    expect((await refund('pay_none', GBP('1'))).status).toBe(404);
  });

  test('is never recorded with the number of a card', async () => {
    const answer = await api.post('/v1/recorded-payments', { orderId, method: '4242424242424242', ...GBP('1') });
    expect([answer.status, answer.json]).toMatchObject([400, { errors: [{ pointer: '/method' }] }]);
  });
});
