import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';
import { openTestApi, type Answered, type TestApi } from './api-harness.js';

let api: TestApi;
const orderIds: string[] = [];

const at = (instant: string) => api.clock.set(instant);
const gbp = (amount: string) => ({ amount, currency: 'GBP' });

/** Three products, one shelf with a reservation, and six orders of two customers on three days. */
beforeAll(async () => {
  api = await openTestApi();
  at('2026-02-01T09:00:00.000Z');
  await api.post('/v1/products', { sku: 'MUG', name: 'Red Mug', prices: [gbp('2')] });
  await api.post('/v1/products', { sku: 'CUP', name: 'Red cup', prices: [gbp('1.5')] });
  await api.post('/v1/products', {
    sku: 'JUG',
    name: 'Blue jug',
    prices: [gbp('9'), { amount: '10', currency: 'EUR' }],
  });
  await api.post('/v1/stock/MUG/main/receive', { quantity: 10 });
  await api.post('/v1/stock/MUG/north/receive', { quantity: 3 });
  await api.post('/v1/stock/CUP/main/receive', { quantity: 2 });
  await api.post(
    '/v1/stock/MUG/main/reserve',
    { quantity: 4, expiresAt: '2026-02-01T10:00:00Z' },
    { 'idempotency-key': 'hold' },
  );
  for (const [n, day] of ['02', '02', '03', '03', '28', '28'].entries()) {
    at(`2026-02-${day}T12:0${n}:00.000Z`);
    const lines = [{ sku: n % 2 ? 'MUG' : 'JUG', quantity: n + 1 }];
    const customerId = n < 4 ? 'cus_a' : 'cus_b';
    const placed = await api.post('/v1/orders', { currency: 'GBP', customerId, country: 'France', lines });
    orderIds.push(String(placed.json['id']));
  }
  await api.post(`/v1/orders/${orderIds[0]}/confirm`);
  await api.post(`/v1/orders/${orderIds[1]}/cancel`, { reason: 'Twice' });
  at('2026-02-28T13:00:00.000Z');
  await api.post('/v1/orders', { currency: 'EUR', lines: [{ sku: 'JUG', quantity: 1 }] });
  await api.project();
});
afterAll(() => api.close());

const data = ({ json }: Answered) => json['data'] as Record<string, unknown>[];
const idsOf = (answer: Answered, field: string) => data(answer).map((each) => each[field]);

describe('products', () => {
  test('by SKU, by name and by the beginning of a name', async () => {
    expect(idsOf(await api.get('/v1/products'), 'sku')).toEqual(['CUP', 'JUG', 'MUG']);
    expect(idsOf(await api.get('/v1/products?order=name'), 'sku')).toEqual(['JUG', 'CUP', 'MUG']);
    expect(idsOf(await api.get('/v1/products?name=RED'), 'sku')).toEqual(['CUP', 'MUG']);
    expect(idsOf(await api.get('/v1/products?status=discontinued'), 'sku')).toEqual([]);
  });

  test('one, with what can be sold now: an expired reservation no longer counts', async () => {
    at('2026-02-01T09:59:59.999Z');
    const before = await api.get('/v1/products/MUG');
    expect(before.json).toEqual({
      object: 'product',
      sku: 'MUG',
      status: 'listed',
      name: 'Red Mug',
      prices: [gbp('2')],
      availability: {
        onHand: 13,
        reserved: 4,
        allocated: 0,
        backordered: 0,
        available: 9,
        locations: [
          { location: 'main', onHand: 10, reserved: 4, allocated: 0, backordered: 0, available: 6 },
          { location: 'north', onHand: 3, reserved: 0, allocated: 0, backordered: 0, available: 3 },
        ],
      },
      listedAt: '2026-02-01T09:00:00.000Z',
      changedAt: '2026-02-01T09:00:00.000Z',
      revision: '0',
    });
    at('2026-02-01T10:00:00.000Z');
    const after = await api.get('/v1/products/MUG');
    expect(after.json['availability']).toMatchObject({ reserved: 0, available: 13 });
    expect(after.headers['etag']).not.toBe(before.headers['etag']);
  });
});

describe('stock', () => {
  test('all, of one SKU, and what runs out', async () => {
    const shelves = (answer: Answered) => data(answer).map(({ sku, location }) => `${String(sku)}@${String(location)}`);
    expect(shelves(await api.get('/v1/stock'))).toEqual(['CUP@main', 'MUG@main', 'MUG@north']);
    expect(shelves(await api.get('/v1/stock?sku=MUG'))).toEqual(['MUG@main', 'MUG@north']);
    expect(shelves(await api.get('/v1/stock?order=left'))).toEqual(['CUP@main', 'MUG@north', 'MUG@main']);
    expect(shelves(await api.get('/v1/stock?order=left&location=main&atMost=2'))).toEqual(['CUP@main']);
  });

  test('one shelf: an expired reservation is free at once, though the log does not say so yet', async () => {
    at('2026-02-01T09:59:59.999Z');
    const shelf = await api.get('/v1/stock/MUG/main');
    expect(shelf.json).toMatchObject({
      object: 'stock',
      onHand: 10,
      reserved: 4,
      allocated: 0,
      backordered: 0,
      damaged: 0,
      inTransit: 0,
      backorderLimit: 0,
      available: 6,
      movements: 2,
      revision: '1',
    });
    at('2026-02-01T10:00:00.000Z');
    expect((await api.get('/v1/stock/MUG/main')).json).toMatchObject({ reserved: 0, available: 10 });
    expect(data(await api.get('/v1/stock?sku=MUG'))).toMatchObject([{ reserved: 0, available: 10 }, { reserved: 0 }]);
  });

  test('one reservation, and those of a shelf or of an id', async () => {
    at('2026-02-01T09:59:59.999Z');
    const [held] = data(await api.get('/v1/stock/MUG/main/reservations'));
    expect(held).toEqual({
      object: 'reservation',
      reservationId: expect.stringMatching(/^rsv_/),
      sku: 'MUG',
      location: 'main',
      status: 'held',
      quantity: 4,
      left: 4,
      shipped: 0,
      released: 0,
      expired: 0,
      backordered: 0,
      expiresAt: '2026-02-01T10:00:00.000Z',
      reservedAt: '2026-02-01T09:00:00.000Z',
      changedAt: '2026-02-01T09:00:00.000Z',
      revision: '1',
    });
    const id = String(held?.['reservationId']);
    const path = `/v1/stock/MUG/main/reservations/${id}`;
    expect((await api.get(path)).json).toEqual(held);
    expect(data(await api.get(`/v1/reservations?reservationId=${id}`))).toEqual([held]);
    expect(data(await api.get('/v1/stock/MUG/main/reservations?status=committed'))).toEqual([]);
    expect(data(await api.get('/v1/stock/MUG/north/reservations'))).toEqual([]);
    at('2026-02-01T10:00:00.000Z');
    const ended = { ...held, status: 'expired', left: 0, expired: 4 };
    expect((await api.get(path)).json).toEqual(ended);
    expect(data(await api.get('/v1/stock/MUG/main/reservations'))).toEqual([ended]);
    expect((await api.get('/v1/stock/MUG/north/reservations/nope')).json['code']).toBe('reservation-unknown');
  });
});

describe('orders', () => {
  test('newest first, of one status, of one customer, of a time', async () => {
    const [a, b, c, d, e, f] = orderIds;
    expect(idsOf(await api.get('/v1/orders'), 'id').slice(1)).toEqual([f, e, d, c, b, a]);
    expect(idsOf(await api.get('/v1/orders?status=confirmed'), 'id')).toEqual([a]);
    expect(idsOf(await api.get('/v1/orders?status=cancelled'), 'id')).toEqual([b]);
    expect(idsOf(await api.get('/v1/orders?customerId=cus_a&order=oldest'), 'id')).toEqual([a, b, c, d]);
    const february3 = '/v1/orders?from=2026-02-03T00:00:00Z&to=2026-02-04T00:00:00Z';
    expect(idsOf(await api.get(february3), 'id')).toEqual([d, c]);
    expect(idsOf(await api.get(`${february3}&customerId=cus_b`), 'id')).toEqual([]);
  });

  test('one, with lines, statuses and timeline', async () => {
    const { json } = await api.get(`/v1/orders/${orderIds[0]}`);
    expect(json).toMatchObject({
      object: 'order',
      id: orderIds[0],
      status: 'confirmed',
      fulfilment: 'unfulfilled',
      payment: 'none',
      returned: 'none',
      total: { minor: '900', currency: 'GBP' },
      lineCount: 1,
      placedAt: '2026-02-02T12:00:00.000Z',
      documentDay: '2026-02-02',
      revision: '1',
      lines: [{ line: 1, sku: 'JUG', quantity: 1, unitPrice: '9', amount: { minor: '900', currency: 'GBP' } }],
      timeline: [{ type: 'OrderPlaced', revision: '0', principal: 'local' }, { type: 'OrderConfirmed' }],
    });
    expect(json['lines']).toEqual([expect.not.objectContaining({ minor: expect.anything() })]);
  });

  test('a list shows them without their lines', async () => {
    for (const order of data(await api.get('/v1/orders'))) expect(order).not.toHaveProperty('lines');
  });
});

describe('sales', () => {
  test('by day, from and to, and by month', async () => {
    const days = await api.get('/v1/sales/day?currency=GBP&from=2026-02-03&to=2026-02-28');
    expect(data(days)).toMatchObject([
      { key: '2026-02-03', gross: { minor: '3500', currency: 'GBP' }, counts: { orders: 2 } },
    ]);
    expect(idsOf(await api.get('/v1/sales/month?currency=GBP'), 'key')).toEqual(['2026-02']);
  });

  test('top products by net and by units, and the other way round', async () => {
    expect(idsOf(await api.get('/v1/sales/product?currency=GBP&order=net'), 'key')).toEqual(['JUG', 'MUG']);
    expect(idsOf(await api.get('/v1/sales/product?currency=GBP&order=units'), 'key')).toEqual(['MUG', 'JUG']);
    const least = await api.get('/v1/sales/product?currency=GBP&order=net&direction=ascending&limit=1');
    expect(idsOf(least, 'key')).toEqual(['MUG']);
  });

  test('of all currencies, with the total of each', async () => {
    expect(data(await api.get('/v1/sales/total'))).toMatchObject([
      { currency: 'EUR', net: { minor: '1000', currency: 'EUR' } },
      {
        currency: 'GBP',
        gross: { minor: '10500', currency: 'GBP' },
        cancelled: { minor: '400', currency: 'GBP' },
        net: { minor: '10100', currency: 'GBP' },
        exact: { gross: '105', net: '101' },
        units: { sold: '21', cancelled: '2', net: '19' },
      },
    ]);
  });

  test('by country, and without one', async () => {
    expect(idsOf(await api.get('/v1/sales/country'), 'key')).toEqual(['France']);
    expect(idsOf(await api.get('/v1/sales/no-country'), 'currency')).toEqual(['EUR']);
  });
});

describe('pages', () => {
  /** Follows `nextCursor` to the end. */
  async function walk(path: string, field: string): Promise<unknown[]> {
    const seen: unknown[] = [];
    let next: string | undefined = path;
    while (next !== undefined) {
      const page: Answered = await api.get(next);
      expect(page.status).toBe(200);
      seen.push(...idsOf(page, field));
      const cursor = page.json['nextCursor'];
      expect(page.json['hasMore']).toBe(cursor !== null);
      next = typeof cursor === 'string' ? `${path}&cursor=${cursor}` : undefined;
      expect(page.headers['link']).toEqual(
        next === undefined ? undefined : expect.stringMatching(/^<\/v1\/.*>; rel="next"$/),
      );
    }
    return seen;
  }

  test.each([
    ['/v1/products?order=name', 'sku'],
    ['/v1/stock?order=left', 'movements'],
    ['/v1/orders?order=newest', 'id'],
    ['/v1/orders?customerId=cus_a', 'id'],
    ['/v1/sales/product?currency=GBP&order=units', 'key'],
    ['/v1/sales/day?currency=GBP', 'key'],
  ])('%s hold every entry once, in order, whatever their size', async (path, field) => {
    const whole = idsOf(await api.get(`${path}&limit=200`), field);
    for (const limit of [1, 2, 3]) expect(await walk(`${path}&limit=${limit}`, field)).toEqual(whole);
  });

  test('the Link leads to the next page as it is', async () => {
    const first = await api.get('/v1/orders?limit=2&status=placed');
    const link = /^<([^>]+)>/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await api.get(link);
    expect(idsOf(second, 'id')).toHaveLength(2);
    expect(idsOf(second, 'id')).not.toEqual(idsOf(first, 'id'));
  });

  test('a cursor is refused by another list, by other filters, and when it was changed', async () => {
    const cursor = String((await api.get('/v1/orders?limit=1&status=placed')).json['nextCursor']);
    const forged = Buffer.from(cursor, 'base64url').toString().replace('"s', '"i');
    const refused = [
      `/v1/orders?limit=1&cursor=${cursor}`,
      `/v1/orders?limit=1&status=confirmed&cursor=${cursor}`,
      `/v1/products?cursor=${cursor}`,
      `/v1/orders?limit=1&status=placed&cursor=${cursor.slice(1)}`,
      `/v1/orders?limit=1&status=placed&cursor=${Buffer.from(forged).toString('base64url')}`,
      `/v1/orders?limit=1&status=placed&cursor=${Buffer.from('[]').toString('base64url')}`,
      `/v1/orders?limit=1&status=placed&cursor=${Buffer.from('{"a":1}').toString('base64url')}`,
    ];
    for (const path of refused) {
      const answer = await api.get(path);
      expect([answer.status, answer.json['code']]).toEqual([400, 'cursor-invalid']);
    }
    expect((await api.get(`/v1/orders?limit=2&status=placed&cursor=${cursor}`)).status).toBe(200);
  });

  test.each([
    ['/v1/orders?limit=1', '&order=oldest'],
    ['/v1/orders?limit=1&customerId=cus_a', '&order=oldest'],
    ['/v1/orders?limit=1', '&from=2026-02-03T00:00:00Z'],
    ['/v1/orders?limit=1', '&to=2026-02-28T00:00:00Z'],
    ['/v1/sales/product?currency=GBP&order=net&limit=1', '&direction=ascending'],
    ['/v1/sales/day?currency=GBP&limit=1', '&from=2026-02-03'],
  ])('a cursor of %s is refused with %s, though its key would fit the same index', async (path, more) => {
    const cursor = String((await api.get(path)).json['nextCursor']);
    expect((await api.get(`${path}&cursor=${cursor}`)).status).toBe(200);
    const answer = await api.get(`${path}${more}&cursor=${cursor}`);
    expect([answer.status, answer.json['code']]).toEqual([400, 'cursor-invalid']);
  });

  test('a cursor is taken back however long the names are that it stands between', async () => {
    const other = await openTestApi();
    for (const sku of ['A', 'B']) {
      await other.post('/v1/products', { sku, name: '\uFDFA'.repeat(200), prices: [gbp('1')] });
    }
    await other.project();
    const path = `/v1/products?order=name&name=${encodeURIComponent('\uFDFA'.repeat(200))}&limit=1`;
    const first = await other.get(path);
    const second = await other.get(`${path}&cursor=${String(first.json['nextCursor'])}`);
    expect([idsOf(first, 'sku'), second.status, idsOf(second, 'sku')]).toEqual([['A'], 200, ['B']]);
    await other.close();
  });

  test('integers of a forged cursor stay within 64 bits', async () => {
    const path = '/v1/sales/product?currency=GBP&order=net&limit=1';
    const cursor = String((await api.get(path)).json['nextCursor']);
    const [print, parts, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, string[], string];
    for (const last of ['i9223372036854775808', 'i-9223372036854775809', 'i1e3', 'i', 'i01', 's1']) {
      const forged = Buffer.from(JSON.stringify([print, [...parts.slice(0, -1), last], id])).toString('base64url');
      expect((await api.get(`${path}&cursor=${forged}`)).json['code']).toBe('cursor-invalid');
    }
  });
});

describe('conditional reads', () => {
  test('are answered 304 while nothing has changed', async () => {
    const path = `/v1/orders/${orderIds[2]}`;
    const first = await api.get(path);
    const etag = String(first.headers['etag']);
    expect(etag).toMatch(/^"0\.[0-9a-f]{16}"$/);
    for (const tag of [etag, `"x", ${etag}`, `W/${etag}`, '*']) {
      const again = await api.get(path, { 'if-none-match': tag });
      expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag]);
    }
    expect((await api.get(path, { 'if-none-match': '"other"' })).status).toBe(200);
    await api.post(`${path}/confirm`);
    await api.project();
    expect((await api.get(path, { 'if-none-match': etag })).status).toBe(200);
  });

  test('HEAD is GET without the body', async () => {
    const head = await api.send({ method: 'HEAD', path: `/v1/orders/${orderIds[3]}` });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers['etag']).toMatch(/^"/);
  });
});

describe('freshness', () => {
  test('each answer says how far behind its view is', async () => {
    const before = await api.get('/v1/products');
    expect(before.headers).toMatchObject({
      'ledger-view-lag': '0',
      'ledger-view-position': String(await api.store.head()),
    });
    await api.post('/v1/stock/CUP/main/receive', { quantity: 1 });
    expect((await api.get('/v1/products')).headers['ledger-view-lag']).toBe('1');
    await api.project();
    expect((await api.get('/v1/products')).headers['ledger-view-lag']).toBe('0');
  });

  test('minPosition waits until the view has got there', async () => {
    const written = await api.post('/v1/stock/CUP/main/receive', { quantity: 100 });
    const reading = api.get(`/v1/stock/CUP/main?minPosition=${String(written.headers['ledger-position'])}`, {
      prefer: 'wait=20',
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await api.project(); // every view, also for the tests that follow
    const read = await reading;
    expect([read.status, read.headers['preference-applied']]).toEqual([200, 'wait=20']);
    expect(read.json['onHand']).toBe(103);
  });

  test('minPosition that is not reached in time is 503, with where the view is', async () => {
    const { position } = (await api.post('/v1/stock/CUP/main/receive', { quantity: 1 })).json;
    let looks = 0;
    const views = new Proxy(api.views, {
      get: (target, name) => {
        if (name === 'checkpoint') looks += 1;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
    const other = await openTestApi({ store: api.store, views });
    const answer = await other.get(`/v1/orders?minPosition=${String(position)}`, { prefer: 'wait=0' });
    await other.api.stop();
    expect([looks, answer.headers['preference-applied']]).toEqual([1, 'wait=0']);
    expect(answer.json).toMatchObject({
      status: 503,
      code: 'view-behind',
      view: 'orders',
      minPosition: position,
      viewPosition: String(BigInt(String(position)) - 1n),
      retryable: true,
    });
    expect(answer.headers['retry-after']).toBe('1');
    await api.project();
  });

  test('minPosition past the end of the log is refused, with where the log ends; its end is not', async () => {
    const end = (await api.store.head()) ?? 0n;
    expect((await api.get(`/v1/orders?minPosition=${end}`)).status).toBe(200);
    expect((await api.get(`/v1/orders?minPosition=${end + 1n}`)).json).toMatchObject({
      status: 400,
      code: 'position-unknown',
      minPosition: String(end + 1n),
      logPosition: String(end),
      retryable: false,
    });
    const fresh = await openTestApi();
    const ofEmpty = (await fresh.get('/v1/orders?minPosition=1')).json;
    expect(ofEmpty).toMatchObject({ status: 400, code: 'position-unknown', logPosition: null });
    await fresh.close();
  });

  test('a wait is at most 30 seconds, and what is no wait is no preference', async () => {
    const applied = async (prefer: string) => (await api.get('/v1/products', { prefer })).headers['preference-applied'];
    expect(await applied('wait=999')).toBe('wait=30');
    expect(await applied('respond-async, wait=7')).toBe('wait=7');
    expect(await applied('wait=soon')).toBeUndefined();
    expect(await applied('return=minimal')).toBeUndefined();
  });

  test('a view that was never built is 503, but an empty ledger just has nothing', async () => {
    const fresh = await openTestApi();
    const empty = await fresh.get('/v1/orders');
    expect([empty.status, empty.json['data'], empty.headers['ledger-view-lag']]).toEqual([200, [], '0']);
    await fresh.post('/v1/stock/MUG/main/receive', { quantity: 1 });
    const unbuilt = await fresh.get('/v1/orders');
    expect(unbuilt.json).toMatchObject({ status: 503, code: 'view-not-ready', view: 'orders', retryable: true });
    expect(unbuilt.headers['retry-after']).toBe('1');
    await fresh.close();
  });

  test('views are read while the log is away; their lag is then not said', async () => {
    const { store, views } = api;
    const away = new Proxy(store, {
      get: (target, name) =>
        name === 'head' ? () => Promise.reject(new StoreUnavailable('away')) : (Reflect.get(target, name) as unknown),
    });
    const other = await openTestApi({ store: away, views });
    const answer = await other.get('/v1/orders');
    expect([answer.status, answer.headers['ledger-view-lag']]).toEqual([200, undefined]);
    await other.api.stop();
  });
});
