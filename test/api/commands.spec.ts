import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestApi, type TestApi } from './api-harness.js';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
  await api.post('/v1/products', { sku: 'MUG', name: 'Mug', prices: [{ amount: '4.10', currency: 'GBP' }] });
  await api.post('/v1/products', { sku: 'TRAY', name: 'Tray', prices: [{ amount: '0.125', currency: 'GBP' }] });
});
afterAll(() => api.close());

const receipt = (id: string, stream: string, revision: string) => ({
  object: 'receipt',
  id,
  stream,
  revision,
  position: expect.stringMatching(/^[0-9]+$/),
});

/** The events of a stream, oldest first, as type and data. */
async function eventsOf(stream: string): Promise<{ type: string; data: unknown; metadata: object }[]> {
  const events = [];
  for await (const batch of api.store.readStream(stream)) {
    for (const { type, data, metadata } of batch) events.push({ type, data, metadata });
  }
  return events;
}

const placed = async (lines: object[] = [{ sku: 'MUG', quantity: 3 }]): Promise<string> =>
  String((await api.post('/v1/orders', { currency: 'GBP', lines })).json['id']);

describe('products', () => {
  test('are listed, priced and discontinued, each with a receipt', async () => {
    const prices = [{ amount: '2.550', currency: 'GBP' }];
    const listed = await api.post('/v1/products', { sku: 'TEAPOT', name: 'Teapot', prices });
    expect(listed.status).toBe(201);
    expect(listed.json).toEqual(receipt('TEAPOT', 'product-TEAPOT', '0'));
    expect(listed.headers).toMatchObject({
      etag: '"0"',
      location: '/v1/products/TEAPOT',
      'ledger-position': listed.json['position'],
    });
    expect(listed.headers).not.toHaveProperty('idempotent-replayed');

    const priced = await api.post('/v1/products/TEAPOT/price', { amount: '3', currency: 'EUR' });
    expect([priced.status, priced.json]).toEqual([200, receipt('TEAPOT', 'product-TEAPOT', '1')]);
    const gone = await api.post('/v1/products/TEAPOT/discontinue');
    expect([gone.status, gone.json]).toEqual([200, receipt('TEAPOT', 'product-TEAPOT', '2')]);

    expect(await eventsOf('product-TEAPOT')).toMatchObject([
      { type: 'ProductListed', data: { sku: 'TEAPOT', name: 'Teapot', prices: [{ amount: '2.55', currency: 'GBP' }] } },
      { type: 'PriceChanged', data: { sku: 'TEAPOT', price: { amount: '3', currency: 'EUR' } } },
      { type: 'ProductDiscontinued', data: { sku: 'TEAPOT' } },
    ]);
  });

  test('answer what the decider says no to with its problem', async () => {
    const again = await api.post('/v1/products', { sku: 'MUG', name: 'Mug', prices: [] });
    expect([again.status, again.json['code']]).toEqual([409, 'product-already-listed']);
    const unknown = await api.post('/v1/products/NOPE/discontinue');
    expect([unknown.status, unknown.json['code']]).toEqual([404, 'product-unknown']);
  });
});

describe('stock', () => {
  test('is received, adjusted, reserved, released, shipped and returned', async () => {
    const shelf = '/v1/stock/MUG/main';
    const expiresAt = '2026-03-01T13:00:00Z';
    const steps = [
      await api.post(`${shelf}/receive`, { quantity: 10, reference: 'delivery-1' }),
      await api.post(`${shelf}/adjust`, { delta: -1, reason: 'Broken' }),
      await api.post(`${shelf}/reserve`, { quantity: 4, expiresAt }, { 'idempotency-key': 'hold-1' }),
      await api.post(`${shelf}/reserve`, { quantity: 2, expiresAt }),
      await api.post(`${shelf}/ship`, { quantity: 1 }),
      await api.post(`${shelf}/return`, { quantity: 1, reference: 'rma-1' }),
    ];
    expect(steps.map(({ status }) => status)).toEqual([200, 200, 201, 201, 200, 200]);
    expect(steps[0]?.json).toEqual(receipt('MUG@main', 'stock-MUG@main', '0'));
    const [first, second] = [String(steps[2]?.json['id']), String(steps[3]?.json['id'])];
    expect(first).toMatch(/^rsv_/);
    expect(steps[2]?.headers['location']).toBe(`${shelf}/reservations/${first}`);

    expect((await api.post(`${shelf}/reservations/${second}/release`)).status).toBe(200);
    expect((await api.post(`${shelf}/ship`, { quantity: 4, reservationId: first })).status).toBe(200);
    expect((await eventsOf('stock-MUG@main')).map(({ type }) => type)).toEqual([
      'StockReceived',
      'StockAdjusted',
      'StockReserved',
      'StockReserved',
      'StockShipped',
      'StockReturned',
      'ReservationReleased',
      'StockShipped',
    ]);
  });

  test('is counted, backordered, allocated, sent elsewhere, taken back damaged and written off', async () => {
    const shelf = '/v1/stock/MUG/wh-1';
    const note = { transferId: 'note-1', quantity: 2 };
    const expiresAt = '2026-03-01T13:00:00Z';
    const steps = [
      await api.post(`${shelf}/count`, { counted: 5, reason: 'Opening' }),
      await api.post(`${shelf}/backorder-policy`, { limit: 3 }),
      await api.post(`${shelf}/transfer`, { ...note, to: 'wh-2', reason: 'Demand' }),
      await api.post('/v1/stock/MUG/wh-2/receive-transfer', { ...note, from: 'wh-1' }),
      await api.post(`${shelf}/return`, { quantity: 2, condition: 'damaged' }),
      await api.post(`${shelf}/write-off-damaged`, { quantity: 1, reason: 'Scrapped' }),
      await api.post(`${shelf}/reserve`, { quantity: 4, expiresAt }),
    ];
    expect(steps.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 201]);
    const id = String(steps[6]?.json['id']);
    const held = `${shelf}/reservations/${id}`;
    expect((await api.post(`${held}/extend`, { expiresAt: '2026-03-01T14:00:00Z' })).json['id']).toBe(id);
    expect((await api.post(`${held}/commit`)).status).toBe(200);
    const early = await api.post(`${shelf}/ship`, { quantity: 4, reservationId: id });
    expect(early.json).toMatchObject({ status: 409, code: 'reservation-backordered', covered: 3, requested: 4 });
    expect((await api.post(`${shelf}/ship`, { quantity: 3, reservationId: id })).status).toBe(200);
    expect((await api.post(`${held}/release`, { reason: 'Not to be had' })).status).toBe(200);
    expect(await eventsOf('stock-MUG@wh-1')).toMatchObject([
      { type: 'StockCounted', data: { counted: 5, delta: 5, reason: 'Opening' } },
      { type: 'BackorderPolicySet', data: { limit: 3 } },
      { type: 'StockTransferredOut', data: { ...note, to: 'wh-2', reason: 'Demand' } },
      { type: 'StockReturned', data: { quantity: 2, condition: 'damaged' } },
      { type: 'DamagedStockWrittenOff', data: { quantity: 1, reason: 'Scrapped' } },
      { type: 'StockReserved', data: { reservationId: id, quantity: 4, backordered: 1 } },
      { type: 'ReservationExtended', data: { quantity: 4, expiresAt: '2026-03-01T14:00:00.000Z' } },
      { type: 'ReservationCommitted', data: { quantity: 4 } },
      { type: 'StockShipped', data: { quantity: 3, reservationId: id, committed: true } },
      { type: 'ReservationReleased', data: { quantity: 1, committed: true, reason: 'Not to be had' } },
    ]);
    expect(await eventsOf('stock-MUG@wh-2')).toMatchObject([
      { type: 'StockTransferredIn', data: { ...note, from: 'wh-1' } },
    ]);
  });

  test.each([
    ['count', { counted: 1, reason: 'Yearly' }, { code: 'count-below-promised', counted: 1, promised: 2 }],
    ['write-off-damaged', { quantity: 1, reason: 'x' }, { code: 'insufficient-damaged-stock', damaged: 0 }],
    ['transfer', { transferId: 't', to: 'held', quantity: 1 }, { code: 'transfer-within-location', location: 'held' }],
    ['transfer', { transferId: 't', to: 'main', quantity: 3 }, { code: 'insufficient-stock', available: 2 }],
  ])('says why not: %s %j', async (action, body, problem) => {
    const shelf = '/v1/stock/TRAY/held';
    await api.post(`${shelf}/receive`, { quantity: 4 }, { 'idempotency-key': 'opening' });
    const expiresAt = '2026-03-01T13:00:00Z';
    await api.post(`${shelf}/reserve`, { quantity: 2, expiresAt }, { 'idempotency-key': 'hold' });
    const answer = await api.post(`${shelf}/${action}`, body);
    expect(answer.json).toMatchObject({ ...problem, status: answer.status, retryable: false });
  });

  test('is never sold twice, and the answer says how much there is', async () => {
    await api.post('/v1/stock/TRAY/main/receive', { quantity: 5 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.post('/v1/stock/TRAY/main/ship', { quantity: 1 })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(15);
    for (const { status, json, headers } of refused) {
      expect([status, headers['content-type']]).toEqual([409, 'application/problem+json; charset=utf-8']);
      expect(json).toMatchObject({ code: 'insufficient-stock', available: 0, requested: 1, retryable: false });
      expect(json['detail']).toBe('0 available, 1 requested.');
    }
  });
});

describe('orders', () => {
  test('are placed at list prices where a line gives none, and the id follows from the key', async () => {
    const key = randomUUID();
    const order = {
      currency: 'GBP',
      customerId: 'cus_1',
      country: 'Éire',
      channel: 'web',
      documentDay: '2026-02-28',
      lines: [
        { sku: 'MUG', quantity: 3 },
        { sku: 'TRAY', quantity: 1, unitPrice: '0.0050', name: 'Tray, dented' },
        { sku: 'POST', kind: 'charge', quantity: 1, unitPrice: '3.95' },
      ],
    };
    const answer = await api.post('/v1/orders', order, { 'idempotency-key': key });
    const id = String(answer.json['id']);
    expect(id).toMatch(/^ord_[0-9a-f-]{36}$/);
    expect([answer.status, answer.headers['location']]).toEqual([201, `/v1/orders/${id}`]);
    expect(await eventsOf(`order-${id}`)).toMatchObject([
      {
        type: 'OrderPlaced',
        data: {
          orderId: id,
          customerId: 'cus_1',
          country: 'Éire',
          totalMinor: 1230n + 0n + 395n,
          lines: [
            { line: 1, kind: 'goods', sku: 'MUG', quantity: 3, unitPrice: '4.1', minor: 1230n },
            { line: 2, kind: 'goods', sku: 'TRAY', quantity: 1, unitPrice: '0.005', minor: 0n, name: 'Tray, dented' },
            { line: 3, kind: 'charge', sku: 'POST', quantity: 1, unitPrice: '3.95', minor: 395n },
          ],
        },
        metadata: { commandId: key, principal: 'local', occurredAt: '2026-03-01T12:00:00.000Z' },
      },
    ]);
  });

  test('are confirmed, shipped in parts, returned', async () => {
    const id = await placed();
    expect((await api.post(`/v1/orders/${id}/ship`)).json['code']).toBe('order-not-confirmed');
    expect((await api.post(`/v1/orders/${id}/confirm`)).json).toEqual(receipt(id, `order-${id}`, '1'));
    expect((await api.post(`/v1/orders/${id}/ship`, { lines: [{ line: 1, quantity: 2 }] })).status).toBe(200);
    const tooMuch = await api.post(`/v1/orders/${id}/ship`, { lines: [{ line: 1, quantity: 2 }] });
    expect(tooMuch.json).toMatchObject({ status: 409, code: 'exceeds-ordered', line: 1, remaining: 1, requested: 2 });
    expect((await api.post(`/v1/orders/${id}/ship`)).status).toBe(200);
    const back = await api.post(`/v1/orders/${id}/return`, { lines: [{ line: 1, quantity: 1 }], creditNoteId: 'CN-1' });
    expect(back.json).toEqual(receipt(id, `order-${id}`, '4'));
    expect((await api.post(`/v1/orders/${id}/cancel`, { reason: 'Late' })).json['code']).toBe('order-already-shipped');
  });

  test('are cancelled with a reason', async () => {
    const id = await placed();
    expect((await api.post(`/v1/orders/${id}/cancel`, { reason: 'Changed their mind' })).status).toBe(200);
    expect((await api.post(`/v1/orders/${id}/confirm`)).json['code']).toBe('order-cancelled');
    const other = await api.post('/v1/orders/ord_nobody/confirm');
    expect([other.status, other.json['code']]).toEqual([404, 'order-unknown']);
  });

  test('name only products that are listed, not discontinued, and priced', async () => {
    await api.post('/v1/products', { sku: 'OLD', name: 'Old', prices: [{ amount: '1', currency: 'GBP' }] });
    await api.post('/v1/products/OLD/discontinue');
    const order = (line: object, currency = 'GBP') => ({
      currency,
      lines: [{ sku: 'MUG', quantity: 1, unitPrice: '1' }, line],
    });
    const cases = [
      [
        order({ sku: 'NOPE', quantity: 1 }),
        422,
        { code: 'line-product-unknown', line: 2, sku: 'NOPE' },
        '/lines/1/sku',
      ],
      [
        order({ sku: 'OLD', quantity: 1 }),
        409,
        { code: 'line-product-discontinued', line: 2, sku: 'OLD' },
        '/lines/1/sku',
      ],
      [
        order({ sku: 'MUG', quantity: 1 }, 'EUR'),
        422,
        { code: 'line-price-missing', currency: 'EUR' },
        '/lines/1/unitPrice',
      ],
      [
        order({ sku: 'POST', kind: 'charge', quantity: 1 }),
        422,
        { code: 'line-price-missing', line: 2 },
        '/lines/1/unitPrice',
      ],
    ] as const;
    for (const [body, status, data, pointer] of cases) {
      const before = await api.store.head();
      const answer = await api.post('/v1/orders', body);
      expect(answer.json).toMatchObject({ ...data, status, errors: [{ pointer, detail: expect.any(String) }] });
      expect(await api.store.head()).toBe(before);
    }
  });

  test('of a product that was listed or priced a moment ago see that at once', async () => {
    expect((await api.post('/v1/orders', { currency: 'GBP', lines: [{ sku: 'NEW', quantity: 1 }] })).status).toBe(422);
    await api.post('/v1/products', { sku: 'NEW', name: 'New', prices: [{ amount: '1', currency: 'GBP' }] });
    expect(await eventsOf(`order-${await placed([{ sku: 'NEW', quantity: 1 }])}`)).toMatchObject([
      { data: { totalMinor: 100n } },
    ]);
    await api.post('/v1/products/NEW/price', { amount: '2', currency: 'GBP' });
    expect(await eventsOf(`order-${await placed([{ sku: 'NEW', quantity: 1 }])}`)).toMatchObject([
      { data: { totalMinor: 200n } },
    ]);
  });
});

test('correlation id and trace context come back and go into the event; what is not of their form is left out', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const good = await api.post(
    '/v1/stock/MUG/north/receive',
    { quantity: 1 },
    { 'x-correlation-id': 'checkout-7', traceparent },
  );
  expect(good.headers).toMatchObject({ 'x-correlation-id': 'checkout-7', traceparent });
  const bad = await api.post(
    '/v1/stock/MUG/north/receive',
    { quantity: 1 },
    { 'x-correlation-id': 'a b', traceparent: '00-0-0-0' },
  );
  expect(bad.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(bad.headers).not.toHaveProperty('traceparent');
  const [first, second] = await eventsOf('stock-MUG@north');
  expect(first?.metadata).toMatchObject({ correlationId: 'checkout-7', traceparent });
  expect(second?.metadata).toMatchObject({ correlationId: bad.headers['x-correlation-id'] });
  expect(second?.metadata).not.toHaveProperty('traceparent');
});
