import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestApi, type Answered, type TestApi } from './api-harness.js';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
  await api.post('/v1/products', { sku: 'MUG', name: 'Mug', prices: [{ amount: '3.33', currency: 'GBP' }] });
  await api.post('/v1/products', { sku: 'TRAY', name: 'Tray', prices: [{ amount: '10', currency: 'GBP' }] });
});
afterAll(() => api.close());

const ADJUSTMENTS = [
  { kind: 'discount', code: 'SPRING', name: 'Spring sale', minor: '-100' },
  { kind: 'shipping', code: 'DHL', minor: '491' },
];
const LINES = [
  { sku: 'MUG', quantity: 3 },
  { sku: 'TRAY', quantity: 1 },
];
const placed = async (): Promise<string> =>
  String((await api.post('/v1/orders', { currency: 'GBP', lines: LINES, adjustments: ADJUSTMENTS })).json['id']);
const money = (minor: string) => ({ minor, currency: 'GBP' });
const codeOf = ({ status, json }: Answered) => [status, json['code']];
async function read(path: string): Promise<Answered> {
  await api.project();
  return api.get(path);
}

test('discounts, shipping and tax are allocated to the lines, to the last penny', async () => {
  const { json } = await read(`/v1/orders/${await placed()}`);
  expect(json).toMatchObject({ total: money('2390'), cancelled: money('0'), payment: 'none' });
  expect(json['adjustments']).toEqual([
    {
      ...{ kind: 'discount', code: 'SPRING', name: 'Spring sale', amount: money('-100') },
      allocations: [
        { line: 1, amount: money('-50') },
        { line: 2, amount: money('-50') },
      ],
    },
    {
      ...{ kind: 'shipping', code: 'DHL', amount: money('491') },
      allocations: [
        { line: 1, amount: money('245') },
        { line: 2, amount: money('246') },
      ],
    },
  ]);
});

test.each([
  ['adjustment-sign-wrong', 422, [{ kind: 'discount', code: 'A', minor: '5' }]],
  ['adjustment-repeated', 422, [...ADJUSTMENTS, ...ADJUSTMENTS]],
  ['discount-exceeds-goods', 422, [{ kind: 'discount', code: 'A', minor: '-2000' }]],
  ['request-invalid', 400, [{ kind: 'discount', code: 'A', minor: -5 }]],
])('adjustments that cannot be are answered with %s', async (code, status, adjustments) => {
  expect(codeOf(await api.post('/v1/orders', { currency: 'GBP', lines: LINES, adjustments }))).toEqual([status, code]);
});

describe('a draft', () => {
  test('is changed, placed at the prices of that moment, and stays beside its order', async () => {
    const drafted = await api.post('/v1/drafts', {
      ...{ currency: 'GBP', customerId: 'c1', expiresAt: '2026-03-01T13:00:00Z', adjustments: ADJUSTMENTS },
      lines: [{ sku: 'MUG', quantity: 1 }],
    });
    const id = String(drafted.json['id']);
    expect([drafted.status, drafted.headers['location']]).toEqual([201, `/v1/drafts/${id}`]);
    const changes = { setQuantities: [{ line: 1, quantity: 3 }], addLines: [{ sku: 'TRAY', quantity: 1 }] };
    expect((await api.post(`/v1/drafts/${id}/change`, changes)).status).toBe(200);
    expect((await read(`/v1/drafts/${id}`)).json).toMatchObject({
      ...{ object: 'draft', status: 'draft', customerId: 'c1', currency: 'GBP', revision: '1' },
      lines: [
        { line: 1, sku: 'MUG', quantity: 3 },
        { line: 2, sku: 'TRAY', quantity: 1 },
      ],
    });
    expect(codeOf(await api.get(`/v1/orders/${id}`))).toEqual([404, 'order-unknown']);
    expect((await api.get('/v1/drafts')).json).toMatchObject({ data: [{ id }] });

    const key = { 'idempotency-key': randomUUID() };
    const order = await api.post(`/v1/drafts/${id}/place`, undefined, key);
    expect([order.status, order.headers['location'], order.headers['etag']]).toEqual([201, `/v1/orders/${id}`, '"2"']);
    const again = await api.post(`/v1/drafts/${id}/place`, undefined, key);
    expect([again.json, again.headers['idempotent-replayed']]).toEqual([order.json, 'true']);
    expect((await read(`/v1/orders/${id}`)).json).toMatchObject({ customerId: 'c1', total: money('2390') });
    expect((await api.get(`/v1/drafts/${id}`)).json).toMatchObject({ status: 'placed' });
    expect((await api.get('/v1/drafts')).json).toMatchObject({ data: [] });
    expect(codeOf(await api.post(`/v1/drafts/${id}/change`, changes))).toEqual([409, 'order-already-placed']);
  });

  test('names the line that cannot be sold by its number', async () => {
    const lines = [
      { sku: 'MUG', quantity: 1 },
      { sku: 'GONE', quantity: 1 },
    ];
    const id = String((await api.post('/v1/drafts', { currency: 'GBP', lines })).json['id']);
    await api.post(`/v1/drafts/${id}/change`, { removeLines: [{ line: 1 }] });
    const refused = await api.post(`/v1/drafts/${id}/place`);
    expect(codeOf(refused)).toEqual([422, 'line-product-unknown']);
    expect(refused.json).toMatchObject({ line: 2, sku: 'GONE' });
  });

  test('expires at once, whoever asks, and can be discarded', async () => {
    const body = { currency: 'GBP', lines: LINES, expiresAt: '2026-03-01T12:00:00.001Z' };
    const id = String((await api.post('/v1/drafts', body)).json['id']);
    api.clock.set('2026-03-01T12:00:00.001Z');
    expect(codeOf(await api.post(`/v1/drafts/${id}/place`))).toEqual([409, 'draft-expired']);
    expect(codeOf(await api.post('/v1/drafts', body))).toEqual([422, 'draft-expiry-not-ahead']);
    expect((await api.post(`/v1/drafts/${id}/discard`, { reason: 'too late' })).status).toBe(200);
    expect(codeOf(await api.post(`/v1/drafts/${id}/place`))).toEqual([409, 'draft-discarded']);
    expect((await read(`/v1/drafts?status=discarded`)).json).toMatchObject({
      data: [{ id, discardReason: 'too late' }],
    });
    expect(codeOf(await api.post('/v1/drafts/ord_none/place'))).toEqual([404, 'draft-unknown']);
  });
});

describe('an edit', () => {
  const changes = { setQuantities: [{ line: 1, quantity: 5 }], addLines: [{ sku: 'TRAY', quantity: 1 }] };

  test('is previewed without being written, and then does just that', async () => {
    const id = await placed();
    const before = await api.store.head();
    const preview = await api.post(`/v1/orders/${id}/edit/preview`, changes);
    expect(preview.json).toMatchObject({
      ...{ object: 'order-edit-preview', id, revision: '0' },
      ...{ total: money('4056'), totalBefore: money('2390'), difference: money('1666') },
    });
    expect(await api.store.head()).toBe(before);
    const body = { ...changes, reason: 'asked for two more' };
    const edited = await api.post(`/v1/orders/${id}/edit`, body, { 'if-match': String(preview.headers['etag']) });
    expect([edited.status, edited.headers['etag']]).toEqual([200, '"1"']);
    const { json } = await read(`/v1/orders/${id}`);
    expect(json['total']).toEqual(preview.json['total']);
    expect(json['adjustments']).toEqual(preview.json['adjustments']);
    expect(json).toMatchObject({ timeline: [{}, { type: 'OrderEdited', reason: 'asked for two more' }] });
  });

  test('has to say what it was decided on', async () => {
    const id = await placed();
    const body = { ...changes, reason: 'asked for two more' };
    expect(codeOf(await api.post(`/v1/orders/${id}/edit`, body))).toEqual([428, 'if-match-missing']);
    const stale = await api.post(`/v1/orders/${id}/edit`, body, { 'if-match': '"7"' });
    expect(codeOf(stale)).toEqual([412, 'revision-mismatch']);
    expect(stale.json).toMatchObject({ currentRevision: '0' });
  });

  test('names a product that is not sold where the request has it', async () => {
    const id = await placed();
    const wrong = {
      addLines: [
        { sku: 'TRAY', quantity: 1 },
        { sku: 'GONE', quantity: 1 },
      ],
    };
    const refused = await api.post(`/v1/orders/${id}/edit/preview`, wrong);
    expect(refused.json).toMatchObject({ code: 'line-product-unknown', errors: [{ pointer: '/addLines/1/sku' }] });
    expect(codeOf(await api.post('/v1/orders/ord_none/edit/preview', wrong))).toEqual([404, 'order-unknown']);
    expect(codeOf(await api.post(`/v1/orders/${id}/edit/preview`, {}))).toEqual([422, 'nothing-to-change']);
  });
});

test('an order is cancelled in part, shipped, delivered, completed and returned', async () => {
  const id = await placed();
  const post = (action: string, body?: unknown) => api.post(`/v1/orders/${id}/${action}`, body);
  const units = (quantity: number) => [{ line: 1, quantity }];
  expect((await post('cancel-lines', { lines: units(1), reason: 'sold out' })).status).toBe(200);
  expect(codeOf(await post('cancel-lines', { lines: units(3), reason: 'sold out' }))).toEqual([
    409,
    'exceeds-unshipped',
  ]);
  await post('confirm');
  expect(codeOf(await post('complete'))).toEqual([409, 'order-unfinished']);
  await post('ship');
  expect((await post('deliver', { lines: units(2) })).status).toBe(200);
  expect(codeOf(await post('complete'))).toEqual([409, 'order-unfinished']);
  await post('deliver');
  expect((await post('complete')).status).toBe(200);

  const requested = await post('returns', { lines: units(2), reason: 'too big' });
  const returnId = String(requested.json['id']);
  expect([requested.status, returnId]).toEqual([201, expect.stringMatching(/^ret_/)]);
  const came = { lines: [{ line: 1, quantity: 1, condition: 'damaged' }] };
  expect((await post(`returns/${returnId}/receive`, came)).status).toBe(200);
  expect(codeOf(await post(`returns/${returnId}/receive`, came))).toEqual([409, 'return-closed']);
  expect(codeOf(await post('returns/ret_none/receive', came))).toEqual([404, 'return-unknown']);

  expect((await read(`/v1/orders/${id}`)).json).toMatchObject({
    ...{ status: 'completed', fulfilment: 'delivered', returned: 'partially-returned' },
    lines: [{ line: 1, quantity: 3, cancelled: 1, shipped: 2, delivered: 2, returned: 1 }, { line: 2 }],
    cancellations: [{ amount: money('398'), reason: 'sold out', principal: 'local' }],
    returns: [{ returnId, status: 'received', reason: 'too big', amount: money('398') }],
  });
  expect((await api.get('/v1/orders?status=completed')).json).toMatchObject({ data: [{ id }] });
});
