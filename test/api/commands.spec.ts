import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestApi, type TestApi } from './api-harness.js';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

test('a product is listed, priced and discontinued, each with a receipt', async () => {
  const listed = await api.post('/v1/products', {
    sku: 'TEAPOT',
    name: 'Teapot',
    prices: [{ amount: '2.550', currency: 'GBP' }],
  });
  expect(listed.json).toEqual({
    object: 'receipt',
    id: 'TEAPOT',
    stream: 'product-TEAPOT',
    revision: '0',
    position: expect.any(String),
  });
  expect(listed.status).toBe(201);
});
