import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBridge, type Fields } from '../../apps/api/nats/command-bridge.js';
import { CommandGate } from '../../apps/api/nats/command-gate.js';
import { commandSubjects } from '../../apps/api/nats/command-subjects.js';
import { OpenApi } from '../../apps/api/openapi.js';
import { publicContexts } from '../../src/application/public-events/registry.js';
import { openTestApi, type TestApi } from '../api/api-harness.js';

let api: TestApi;
let bridge: CommandBridge;
beforeAll(async () => {
  api = await openTestApi();
  bridge = new CommandBridge(api.api);
});
afterAll(() => api.close());

const send = async (subject: string, message: unknown, fields: Fields = {}) => {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  const answer = await bridge.answer(`ledger.commands.${subject}`, Buffer.from(text), fields);
  return { ...answer, json: JSON.parse(answer.body) as Record<string, unknown> };
};
const key = (name: string): Fields => ({ 'Idempotency-Key': [name] });
const mug = { sku: 'MUG', name: 'Mug', prices: [{ amount: '2.55', currency: 'GBP' }] };

describe('subjects', () => {
  const subjects = () => commandSubjects(api.api.app.get(OpenApi).document);

  test('there is one for every command of the HTTP API', () => {
    const names = subjects().map(({ subject }) => subject);
    expect(names).toEqual(
      expect.arrayContaining([
        'ledger.commands.products.list-product',
        'ledger.commands.stock.receive-stock',
        'ledger.commands.orders.place-order',
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^ledger\.commands\.[a-z-]+\.[a-z-]+$/);
    expect(publicContexts).not.toContain('commands');
  });

  test('no field of a body is named as a parameter of its path', () => {
    const { components } = api.api.app.get(OpenApi).document;
    for (const { schema, parameters, subject } of subjects()) {
      const name = (schema as { $ref?: string } | undefined)?.$ref?.split('/').at(-1) ?? '';
      const body = components?.schemas?.[name] as { properties?: object } | undefined;
      const shared = parameters.filter((parameter) => Object.hasOwn(body?.properties ?? {}, parameter));
      expect([subject, shared]).toEqual([subject, []]);
    }
  });
});

test('a command is done as over HTTP, and its receipt is the same', async () => {
  const listed = await send('products.list-product', mug, key('list'));
  expect(listed).toMatchObject({ status: 201, json: { object: 'receipt', id: 'MUG', revision: '0' } });
  expect(listed.headers).toMatchObject({
    etag: '"0"',
    location: '/v1/products/MUG',
    'ledger-position': expect.any(String),
  });
  const overHttp = await api.post('/v1/products', mug, { 'idempotency-key': 'list' });
  expect(overHttp.json).toEqual(listed.json);
  expect(overHttp.headers['idempotent-replayed']).toBe('true');
});

test('parameters of the path stand beside the fields of the body', async () => {
  const received = await send('stock.receive-stock', { sku: 'MUG', location: 'main', quantity: 7 }, key('receive'));
  expect(received).toMatchObject({ status: 200, json: { stream: 'stock-MUG@main' } });
});

test('who asked, what for and in which trace is in the event', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const fields = { ...key('traced'), 'x-correlation-id': ['checkout-1'], Traceparent: [traceparent] };
  const answer = await send('stock.receive-stock', { sku: 'CUP', location: 'main', quantity: 1 }, fields);
  expect(answer.headers).toMatchObject({ 'x-correlation-id': 'checkout-1', traceparent });
  await api.post('/v1/stock/CUP/main/receive', { quantity: 1 });
  const principals: unknown[] = [];
  for await (const batch of api.store.readStream('stock-CUP@main')) {
    principals.push(...batch.map(({ metadata }) => metadata.principal));
    expect(batch[0]?.metadata).toMatchObject({ correlationId: 'checkout-1', traceparent, commandId: 'traced' });
  }
  expect(principals).toEqual(['nats', 'local']);
});

describe('what is wrong is the same problem', () => {
  test.each([
    ['no key', 'products.list-product', mug, {}, 400, 'idempotency-key-missing'],
    ['two keys', 'products.list-product', mug, { 'Idempotency-Key': ['a', 'b'] }, 400, 'idempotency-key-malformed'],
    [
      'a key in two spellings',
      'products.list-product',
      mug,
      { 'Idempotency-Key': ['a'], 'idempotency-key': ['b'] },
      400,
      'idempotency-key-malformed',
    ],
    [
      'a key that is reused',
      'products.list-product',
      { ...mug, name: 'Other' },
      key('list'),
      422,
      'idempotency-key-reused',
    ],
    [
      'a field that is wrong',
      'stock.receive-stock',
      { sku: 'MUG', location: 'main', quantity: 0 },
      key('x'),
      400,
      'request-invalid',
    ],
    [
      'a field that is unknown',
      'stock.receive-stock',
      { sku: 'MUG', location: 'main', quantity: 1, x: 1 },
      key('x'),
      400,
      'request-invalid',
    ],
    ['no JSON', 'stock.receive-stock', '{', key('x'), 400, 'body-malformed'],
    ['no object', 'stock.receive-stock', '[]', key('x'), 400, 'request-invalid'],
    [
      'a business rule',
      'stock.ship-stock',
      { sku: 'MUG', location: 'main', quantity: 99 },
      key('x'),
      409,
      'insufficient-stock',
    ],
    [
      'another revision',
      'stock.ship-stock',
      { sku: 'MUG', location: 'main', quantity: 1 },
      { ...key('y'), 'If-Match': ['"99"'] },
      412,
      'revision-mismatch',
    ],
    ['no such command', 'stock.steal', {}, key('x'), 404, 'not-found'],
    [
      'a body that is too large',
      'products.list-product',
      { ...mug, name: 'x'.repeat(300_000) },
      key('x'),
      413,
      'body-too-large',
    ],
  ] as const)('%s', async (_, subject, message, fields, status, code) => {
    const answer = await send(subject, message, fields);
    expect(answer).toMatchObject({ status, json: { code, status, type: `/problems/${code}` } });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.headers['x-correlation-id']).toEqual(expect.any(String));
  });

  test('a parameter of the path that is missing, or is no text, is named', async () => {
    const { json } = await send('stock.receive-stock', { sku: 5, quantity: 1 }, key('z'));
    expect(json).toMatchObject({
      code: 'request-invalid',
      errors: [
        { pointer: '/sku', detail: 'must be text' },
        { pointer: '/location', detail: 'is missing' },
      ],
    });
  });

  test('nothing in a parameter leads to another path', async () => {
    const { json } = await send('stock.receive-stock', { sku: '../orders', location: 'main?x', quantity: 1 }, key('z'));
    expect(json).toMatchObject({ code: 'request-invalid' });
  });
});

test('what is too much at once is turned away, done not at all, and taken when it comes again', async () => {
  const small = new CommandBridge(api.api, new CommandGate({ atOnce: 1, waiting: 1, waitMs: 10_000 }));
  const ship = (n: number) =>
    small.answer(
      'ledger.commands.stock.receive-stock',
      Buffer.from('{"sku":"FULL","location":"main","quantity":1}'),
      key(`full-${n}`),
    );
  const answers = await Promise.all([1, 2, 3, 4].map(ship));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 503, 503]);
  const [, , refused] = answers;
  expect(JSON.parse(refused?.body ?? '')).toMatchObject({ code: 'too-many-commands', retryable: true, atOnce: 1 });
  expect(refused?.headers).toMatchObject({ 'retry-after': '1' });
  expect((await ship(3)).status).toBe(200);
  let events = 0;
  for await (const batch of api.store.readStream('stock-FULL@main')) events += batch.length;
  expect(events).toBe(3);
});

test('a message that is longer than HTTP takes is not even read', async () => {
  const { status, body } = await bridge.answer(
    'ledger.commands.stock.receive-stock',
    Buffer.from(`{"sku":"${'M'.repeat(262_144)}`), // no JSON, which is not found out
    key('long'),
  );
  expect([status, JSON.parse(body)]).toMatchObject([413, { code: 'body-too-large', limitBytes: 262_144 }]);
});
