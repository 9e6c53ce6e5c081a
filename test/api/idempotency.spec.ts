import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestApi, type TestApi } from './api-harness.js';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
  for (const sku of ['MUG', 'CUP', 'JUG']) {
    await api.post('/v1/products', { sku, name: sku, prices: [{ amount: '4.10', currency: 'GBP' }] });
  }
});
afterAll(() => api.close());

const order = (sku: string) => ({ currency: 'GBP', lines: [{ sku, quantity: 2 }] });
const keyed = (key: string) => ({ 'idempotency-key': key });

describe('Idempotency-Key', () => {
  test('a repeated command is answered as the first time and writes nothing', async () => {
    const first = await api.post('/v1/stock/MUG/main/receive', { quantity: 5 }, keyed('r-1'));
    await api.post('/v1/stock/MUG/main/receive', { quantity: 1 }, keyed('r-2'));
    const head = await api.store.head();
    const again = await api.post('/v1/stock/MUG/main/receive', { quantity: 5 }, keyed('r-1'));
    expect([again.status, again.json]).toEqual([first.status, first.json]);
    expect(again.headers).toMatchObject({ etag: first.headers['etag'], 'idempotent-replayed': 'true' });
    expect(await api.store.head()).toBe(head);
  });

  test('quoted and bare name the same command', async () => {
    const bare = await api.post('/v1/orders', order('MUG'), keyed('same-key'));
    const quoted = await api.post('/v1/orders', order('MUG'), keyed('"same-key"'));
    expect(quoted.json).toEqual(bare.json);
    expect(quoted.headers['idempotent-replayed']).toBe('true');
    const escaped = await api.post('/v1/orders', order('MUG'), keyed('"say \\"hi\\" \\\\"'));
    expect(escaped.status).toBe(201);
  });

  test('twenty at once are done once', async () => {
    const before = await countEvents();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.post('/v1/orders', order('CUP'), keyed('burst'))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    expect(await countEvents()).toBe(before + 1);
  });

  test('the same key with other content is refused, and nothing is written', async () => {
    await api.post('/v1/orders', order('MUG'), keyed('reused'));
    const head = await api.store.head();
    const other = await api.post('/v1/orders', { ...order('MUG'), country: 'France' }, keyed('reused'));
    expect([other.status, other.json['code']]).toEqual([422, 'idempotency-key-reused']);
    const confirm = await api.post(`/v1/orders/${await idOf('reused')}/confirm`, undefined, keyed('reused'));
    expect([confirm.status, confirm.json['code']]).toEqual([422, 'idempotency-key-reused']);
    expect(await api.store.head()).toBe(head);
  });

  test('field order of the body does not matter, nor do list prices that changed since', async () => {
    const first = await api.post('/v1/orders', order('JUG'), keyed('priced'));
    await api.post('/v1/products/JUG/price', { amount: '9', currency: 'GBP' });
    const again = await api.post(
      '/v1/orders',
      '{"lines":[{"quantity":2,"sku":"JUG"}],"currency":"GBP"}',
      keyed('priced'),
    );
    expect([again.status, again.json]).toEqual([201, first.json]);
  });

  test('a repeated order is answered as the first time, even when its product is gone by now', async () => {
    const first = await api.post('/v1/orders', order('CUP'), keyed('gone'));
    await api.post('/v1/products/CUP/discontinue');
    const again = await api.post('/v1/orders', order('CUP'), keyed('gone'));
    expect([again.status, again.json, again.headers['idempotent-replayed']]).toEqual([201, first.json, 'true']);
    const other = await api.post('/v1/orders', { ...order('CUP'), country: 'France' }, keyed('gone'));
    expect([other.status, other.json['code']]).toEqual([422, 'idempotency-key-reused']);
    const fresh = await api.post('/v1/orders', order('CUP'), keyed('after'));
    expect([fresh.status, fresh.json['code']]).toEqual([409, 'line-product-discontinued']);
  });

  test('an order that was refused can be placed with the same key once there is a product', async () => {
    const refused = await api.post('/v1/orders', order('LATE'), keyed('late'));
    expect(refused.json['code']).toBe('line-product-unknown');
    await api.post('/v1/products', { sku: 'LATE', name: 'Late', prices: [{ amount: '1', currency: 'GBP' }] });
    expect((await api.post('/v1/orders', order('LATE'), keyed('late'))).status).toBe(201);
  });
});

describe('If-Match', () => {
  test('with the current revision goes through, with another it is refused and says which is current', async () => {
    const placed = await api.post('/v1/orders', order('MUG'));
    const path = `/v1/orders/${String(placed.json['id'])}`;
    const stale = await api.post(`${path}/confirm`, undefined, { 'if-match': '"7"' });
    expect(stale.json).toMatchObject({
      status: 412,
      code: 'revision-mismatch',
      expectedRevision: '7',
      currentRevision: '0',
    });
    expect(stale.headers['etag']).toBe('"0"');
    const good = await api.post(`${path}/confirm`, undefined, { 'if-match': String(placed.headers['etag']) });
    expect([good.status, good.headers['etag']]).toEqual([200, '"1"']);
  });

  test('does not stand in the way of a repeated command', async () => {
    const placed = await api.post('/v1/orders', order('MUG'));
    const path = `/v1/orders/${String(placed.json['id'])}/confirm`;
    const headers = { 'if-match': '"0"', ...keyed('confirm-once') };
    expect((await api.post(path, undefined, headers)).status).toBe(200);
    const again = await api.post(path, undefined, headers);
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
  });

  test('takes the ETag of a view as well', async () => {
    const placed = await api.post('/v1/orders', order('MUG'));
    const path = `/v1/orders/${String(placed.json['id'])}`;
    await api.project();
    const read = await api.get(path);
    expect((await api.post(`${path}/confirm`, undefined, { 'if-match': String(read.headers['etag']) })).status).toBe(
      200,
    );
    const stale = await api.post(`${path}/cancel`, { reason: 'x' }, { 'if-match': String(read.headers['etag']) });
    expect(stale.status).toBe(412);
  });

  test('of something that does not exist says so', async () => {
    const answer = await api.post('/v1/orders/ord_none/confirm', undefined, { 'if-match': '"0"' });
    expect(answer.json).toMatchObject({ status: 412, currentRevision: null });
  });
});

async function countEvents(): Promise<number> {
  let count = 0;
  for await (const { events } of api.store.readAll()) count += events.length;
  return count;
}

const idOf = async (key: string): Promise<string> =>
  String((await api.post('/v1/orders', order('MUG'), keyed(key))).json['id']);
