import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Fulfilments } from '../../src/application/processes/fulfilments.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { riskRules } from '../../src/infrastructure/risk/risk-rules.js';
import { fulfilmentView } from '../../src/projections/fulfilment.view.js';
import { openTestApi, type TestApi } from './api-harness.js';

let api: TestApi;
let fulfilments: Fulfilments;
beforeEach(async () => {
  api = await openTestApi();
  const { store: log, views, clock } = api;
  const writer = new StreamWriter(log);
  fulfilments = new Fulfilments({ writer, log, views, clock, risk: riskRules, provider: 'sandbox' });
  await api.post('/v1/products', { sku: 'MUG', name: 'Mug', prices: [{ amount: '2.50', currency: 'GBP' }] });
  await api.post('/v1/stock/MUG/main/receive', { quantity: 1_000_000 });
});
afterEach(() => api.close());

const place = async (quantity: number): Promise<string> => {
  const order = { currency: 'GBP', lines: [{ sku: 'MUG', quantity }], fulfilFrom: 'main' };
  return (await api.post('/v1/orders', order)).json['id'] as string;
};
const sweep = async (): Promise<void> => {
  await api.project();
  await fulfilments.sweep(AbortSignal.timeout(10_000), await api.views.checkpoint(fulfilmentView));
  await api.project();
};
const waitingFor = async (whom: string, more = ''): Promise<readonly string[]> => {
  const { json } = await api.get(`/v1/fulfilments?waitsFor=${whom}${more}`);
  return (json['data'] as { orderId: string }[]).map(({ orderId }) => orderId);
};

test('tells who waits for whom, the oldest first, page by page', async () => {
  const small = await place(1);
  const large: string[] = [];
  for (const minute of [1, 2, 3]) {
    api.clock.set(`2026-03-01T12:0${minute}:00.000Z`);
    large.push(await place(5_000));
  }
  await api.project();
  expect(await waitingFor('payment')).toEqual([]); // the ledger has not been at them
  await sweep();
  expect(await waitingFor('payment')).toEqual([small]);
  expect(await waitingFor('review')).toEqual(large);
  const { json } = await api.get('/v1/fulfilments?waitsFor=review&limit=2');
  expect(json).toMatchObject({ hasMore: true, data: [{ orderId: large[0] }, { orderId: large[1] }] });
  expect(await waitingFor('review', `&limit=2&cursor=${json['nextCursor'] as string}`)).toEqual([large[2]]);
  await api.post(`/v1/orders/${large[1]}/review`, { decision: 'accept', reason: 'called them' });
  await sweep();
  expect(await waitingFor('review')).toEqual([large[0], large[2]]);
  expect(await waitingFor('payment')).toEqual([small, large[1]]);
});

test('has to be told for whom', async () => {
  expect(await api.get('/v1/fulfilments')).toMatchObject({ status: 400, json: { code: 'request-invalid' } });
  expect(await api.get('/v1/fulfilments?waitsFor=godot')).toMatchObject({ status: 400 });
  await sweep();
  expect(await waitingFor('attention')).toEqual([]);
});
