import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isLoopbackHost } from '../../apps/api/loopback-host.js';
import { problems, rowOf, type ProblemCode } from '../../apps/api/problems.js';
import { openTestApi, type TestApi } from './api-harness.js';

let api: TestApi;
let url: URL;
beforeAll(async () => {
  api = await openTestApi();
  await api.post('/v1/products', { sku: 'MUG', name: 'Mug', prices: [{ amount: '4.10', currency: 'GBP' }] });
  await api.project();
  url = new URL(await api.api.listen(0, '127.0.0.1'));
});
afterAll(() => api.close());

const ORDER = { currency: 'GBP', lines: [{ sku: 'MUG', quantity: 1 }] };
const withLine = (line: object) => ({ ...ORDER, lines: [{ sku: 'MUG', quantity: 1, ...line }] });
const json = { 'content-type': 'application/json' };
const key = () => ({ 'idempotency-key': randomUUID() });

type Case = [
  what: string,
  request: { method?: string; path?: string; body?: unknown; raw?: string; headers?: Record<string, string> },
  code: ProblemCode,
  where?: string,
];

const RESERVE = '/v1/stock/MUG/main/reserve';
const cases: Case[] = [
  ['no key', { body: ORDER, headers: json }, 'idempotency-key-missing', 'Idempotency-Key'],
  ['an empty key', { body: ORDER, headers: { ...json, 'idempotency-key': '' } }, 'idempotency-key-missing'],
  [
    'a key of 256',
    { body: ORDER, headers: { ...json, 'idempotency-key': 'k'.repeat(256) } },
    'idempotency-key-malformed',
  ],
  ['a key not ASCII', { body: ORDER, headers: { ...json, 'idempotency-key': 'clé' } }, 'idempotency-key-malformed'],
  ['an open quote', { body: ORDER, headers: { ...json, 'idempotency-key': '"k' } }, 'idempotency-key-malformed'],
  ['an empty quoted key', { body: ORDER, headers: { ...json, 'idempotency-key': '""' } }, 'idempotency-key-malformed'],
  ['If-Match *', { body: ORDER, headers: { ...json, ...key(), 'if-match': '*' } }, 'if-match-malformed', 'If-Match'],
  ['a weak If-Match', { body: ORDER, headers: { ...json, ...key(), 'if-match': 'W/"1"' } }, 'if-match-malformed'],
  ['a list in If-Match', { body: ORDER, headers: { ...json, ...key(), 'if-match': '"1", "2"' } }, 'if-match-malformed'],

  ['half a JSON text', { raw: '{"currency":' }, 'body-malformed'],
  ['no body', { raw: '' }, 'request-invalid', '/currency'],
  ['__proto__', { raw: '{"__proto__":{"currency":"GBP"}}' }, 'body-malformed'],
  ['an escaped __proto__', { raw: '{"\\u005f_proto__":{"currency":"GBP"}}' }, 'body-malformed'],
  ['text', { body: ORDER, headers: { ...key(), 'content-type': 'text/plain' } }, 'media-type-unsupported'],
  [
    'a form',
    { raw: 'a=b', headers: { ...key(), 'content-type': 'application/x-www-form-urlencoded' } },
    'media-type-unsupported',
  ],
  ['XML', { raw: '<a/>', headers: { ...key(), 'content-type': 'application/xml' } }, 'media-type-unsupported'],
  [
    'a body that is compressed',
    { body: ORDER, headers: { ...json, ...key(), 'content-encoding': 'gzip' } },
    'media-type-unsupported',
  ],
  [
    'another charset',
    { body: ORDER, headers: { ...key(), 'content-type': 'application/json; charset="ISO-8859-1"' } },
    'media-type-unsupported',
  ],
  ['300 KB', { body: { ...ORDER, country: 'x'.repeat(300_000) } }, 'body-too-large'],
  ['100,000 brackets', { raw: '['.repeat(100_000) + ']'.repeat(100_000) }, 'request-invalid', ''],
  ['a list', { body: [ORDER] }, 'request-invalid', ''],
  ['a number', { raw: '7' }, 'request-invalid', ''],
  ['null', { raw: 'null' }, 'request-invalid', ''],

  ['an unknown field', { body: { ...ORDER, total: 3 } }, 'request-invalid', '/total'],
  ['an unknown field of a line', { body: withLine({ discount: '1' }) }, 'request-invalid', '/lines/0/discount'],
  ['a field with / and ~', { body: { ...ORDER, 'a/b~c': 1 } }, 'request-invalid', '/a~1b~0c'],
  ['constructor', { body: { ...ORDER, constructor: {} } }, 'request-invalid', '/constructor'],
  ['no lines', { body: { currency: 'GBP', lines: [] } }, 'request-invalid', '/lines'],
  ['lines missing', { body: { currency: 'GBP' } }, 'request-invalid', '/lines'],
  ['lines as an object', { body: { currency: 'GBP', lines: { 0: {} } } }, 'request-invalid', '/lines'],
  ['a line that is null', { body: { currency: 'GBP', lines: [null] } }, 'request-invalid', '/lines/0'],
  ['1,001 lines', { body: { currency: 'GBP', lines: Array(1_001).fill(ORDER.lines[0]) } }, 'request-invalid', '/lines'],
  ['a price as a number', { body: withLine({ unitPrice: 2.55 }) }, 'request-invalid', '/lines/0/unitPrice'],
  ['a negative price', { body: withLine({ unitPrice: '-1' }) }, 'request-invalid', '/lines/0/unitPrice'],
  ['a price with exponent', { body: withLine({ unitPrice: '1e3' }) }, 'request-invalid', '/lines/0/unitPrice'],
  [
    'a price with nine decimals',
    { body: withLine({ unitPrice: '1.123456789' }) },
    'request-invalid',
    '/lines/0/unitPrice',
  ],
  ['quantity 0', { body: withLine({ quantity: 0 }) }, 'request-invalid', '/lines/0/quantity'],
  ['quantity -1', { body: withLine({ quantity: -1 }) }, 'request-invalid', '/lines/0/quantity'],
  ['quantity 1.5', { body: withLine({ quantity: 1.5 }) }, 'request-invalid', '/lines/0/quantity'],
  ['quantity as text', { body: withLine({ quantity: '1' }) }, 'request-invalid', '/lines/0/quantity'],
  ['quantity true', { body: withLine({ quantity: true }) }, 'request-invalid', '/lines/0/quantity'],
  ['quantity null', { body: withLine({ quantity: null }) }, 'request-invalid', '/lines/0/quantity'],
  [
    'quantity 1e400',
    { raw: '{"currency":"GBP","lines":[{"sku":"MUG","quantity":1e400}]}' },
    'request-invalid',
    '/lines/0/quantity',
  ],
  ['quantity 1000000001', { body: withLine({ quantity: 1_000_000_001 }) }, 'request-invalid', '/lines/0/quantity'],
  ['a SKU in lower case', { body: withLine({ sku: 'mug' }) }, 'request-invalid', '/lines/0/sku'],
  ['a SKU of 65', { body: withLine({ sku: 'A'.repeat(65) }) }, 'request-invalid', '/lines/0/sku'],
  ['a currency that is none', { body: { ...ORDER, currency: 'XXX' } }, 'request-invalid', '/currency'],
  ['a currency in lower case', { body: { ...ORDER, currency: 'gbp' } }, 'request-invalid', '/currency'],
  ['a kind that is none', { body: withLine({ kind: 'gift' }) }, 'request-invalid', '/lines/0/kind'],
  ['null for an optional field', { body: { ...ORDER, country: null } }, 'request-invalid', '/country'],
  ['a control character', { body: { ...ORDER, country: 'a\u0000b' } }, 'request-invalid', '/country'],
  [
    'half a surrogate pair',
    { raw: '{"currency":"GBP","lines":[{"sku":"MUG","quantity":1}],"country":"\\ud800"}' },
    'request-invalid',
    '/country',
  ],
  ['blanks for text', { body: { ...ORDER, country: '   ' } }, 'request-invalid', '/country'],
  ['a day that is none', { body: { ...ORDER, documentDay: '2026-02-30' } }, 'request-invalid', '/documentDay'],
  [
    'a time without zone',
    { path: RESERVE, body: { quantity: 1, expiresAt: '2026-03-01T12:00:00' } },
    'request-invalid',
    '/expiresAt',
  ],
  [
    'a time that is none',
    { path: RESERVE, body: { quantity: 1, expiresAt: '2026-02-30T12:00:00Z' } },
    'request-invalid',
    '/expiresAt',
  ],
  [
    'an hour that is none',
    { path: RESERVE, body: { quantity: 1, expiresAt: '2026-03-01T24:00:00Z' } },
    'request-invalid',
    '/expiresAt',
  ],
  [
    'a time that has passed',
    { path: RESERVE, body: { quantity: 1, expiresAt: '2020-01-01T00:00:00Z' } },
    'expiry-not-ahead',
    '/expiresAt',
  ],
  ['delta 0', { path: '/v1/stock/MUG/main/adjust', body: { delta: 0, reason: 'x' } }, 'delta-zero', '/delta'],
  [
    'a count below zero',
    { path: '/v1/stock/MUG/main/count', body: { counted: -1, reason: 'x' } },
    'request-invalid',
    '/counted',
  ],
  ['a count without reason', { path: '/v1/stock/MUG/main/count', body: { counted: 1 } }, 'request-invalid', '/reason'],
  [
    'a limit below zero',
    { path: '/v1/stock/MUG/main/backorder-policy', body: { limit: -1 } },
    'request-invalid',
    '/limit',
  ],
  [
    'a condition that is none',
    { path: '/v1/stock/MUG/main/return', body: { quantity: 1, condition: 'wet' } },
    'request-invalid',
    '/condition',
  ],
  ['no reason', { path: '/v1/stock/MUG/main/adjust', body: { delta: 1 } }, 'request-invalid', '/reason'],
  [
    'two prices in one currency',
    {
      path: '/v1/products',
      body: {
        sku: 'P',
        name: 'P',
        prices: [
          { amount: '1', currency: 'GBP' },
          { amount: '2', currency: 'GBP' },
        ],
      },
    },
    'price-repeated',
    '/prices',
  ],

  ['a SKU in the path that is none', { path: '/v1/products/mug/discontinue' }, 'request-invalid', 'sku'],
  ['an encoded null byte', { path: '/v1/products/MUG%00/discontinue' }, 'request-invalid', 'sku'],
  ['an encoded slash', { path: '/v1/products/MUG%2F/discontinue' }, 'request-invalid', 'sku'],
  ['broken percent-encoding', { path: '/v1/products/%zz/discontinue' }, 'uri-malformed'],
  ['percent-encoding that is not UTF-8', { path: '/v1/products/%ff/discontinue' }, 'uri-malformed'],
  ['a part of 400', { path: `/v1/products/${'A'.repeat(400)}/discontinue` }, 'uri-too-long'],
  ['an unknown path', { path: '/v1/nothing' }, 'not-found'],
  ['an empty part', { path: '/v1/products//discontinue' }, 'not-found'],
  ['a slash at the end', { path: '/v1/orders/' }, 'not-found'],
  [
    'a host that is not this machine',
    { method: 'GET', path: '/v1/orders', headers: { host: 'evil.example' } },
    'host-unknown',
  ],
  ['PUT', { method: 'PUT', body: ORDER }, 'method-not-allowed'],
  ['QUERY', { method: 'QUERY' }, 'method-not-allowed'],
  [
    'text to a path that is none',
    { path: '/v1/nothing', raw: 'x', headers: { 'content-type': 'text/plain' } },
    'not-found',
  ],
  ['DELETE', { method: 'DELETE', path: '/v1/products/MUG' }, 'method-not-allowed'],
  ['GET of a command', { method: 'GET', path: '/v1/products/MUG/discontinue' }, 'method-not-allowed'],

  ['an unknown parameter', { method: 'GET', path: '/v1/orders?state=placed' }, 'request-invalid', 'state'],
  ['a parameter twice', { method: 'GET', path: '/v1/orders?limit=1&limit=2' }, 'request-invalid', 'limit'],
  ['limit 0', { method: 'GET', path: '/v1/orders?limit=0' }, 'request-invalid', 'limit'],
  ['limit 201', { method: 'GET', path: '/v1/orders?limit=201' }, 'request-invalid', 'limit'],
  ['limit 1e1', { method: 'GET', path: '/v1/orders?limit=1e1' }, 'request-invalid', 'limit'],
  ['a position that is none', { method: 'GET', path: '/v1/orders?minPosition=-1' }, 'request-invalid', 'minPosition'],
  [
    'a position past the end of the log',
    { method: 'GET', path: '/v1/orders?minPosition=9999999999999999999' },
    'position-unknown',
    'minPosition',
  ],
  [
    'status with customer',
    { method: 'GET', path: '/v1/orders?status=placed&customerId=c' },
    'request-invalid',
    'status',
  ],
  ['location without order', { method: 'GET', path: '/v1/stock?location=main' }, 'request-invalid', 'location'],
  ['atMost without order', { method: 'GET', path: '/v1/stock?atMost=3' }, 'request-invalid', 'atMost'],
  ['sku with order', { method: 'GET', path: '/v1/stock?order=left&sku=MUG' }, 'request-invalid', 'sku'],
  ['a dimension that is none', { method: 'GET', path: '/v1/sales/planet' }, 'request-invalid', 'dimension'],
  ['top list of no currency', { method: 'GET', path: '/v1/sales/product?order=net' }, 'request-invalid', 'currency'],
  [
    'from of no series',
    { method: 'GET', path: '/v1/sales/country?currency=GBP&from=2026-01' },
    'request-invalid',
    'from',
  ],
  [
    'a day for a month',
    { method: 'GET', path: '/v1/sales/month?currency=GBP&from=2026-01-01' },
    'request-invalid',
    'from',
  ],
  [
    'a day that no calendar has',
    { method: 'GET', path: '/v1/sales/day?currency=GBP&from=2010-02-30' },
    'request-invalid',
    'from',
  ],
  ['a cursor that is none', { method: 'GET', path: '/v1/orders?cursor=abc' }, 'cursor-invalid', 'cursor'],
  ['a cursor with bad letters', { method: 'GET', path: '/v1/orders?cursor=a%20b' }, 'request-invalid', 'cursor'],
  ['a product that is none', { method: 'GET', path: '/v1/products/NOPE' }, 'product-unknown'],
  ['an order that is none', { method: 'GET', path: '/v1/orders/nope' }, 'order-unknown'],
  ['stock that is none', { method: 'GET', path: '/v1/stock/NOPE/main' }, 'stock-unknown'],
  ['a problem that is none', { method: 'GET', path: '/problems/nope' }, 'not-found'],
];

const named = cases.map(([what, request, code, where]) => ({ what, request, code, where }));
test.each(named)('$what: refused with its problem, and nothing is written', async ({ request, code, where }) => {
  const head = await api.store.head();
  const payload = request.raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const answer = await api.send({
    method: request.method ?? 'POST',
    path: request.path ?? '/v1/orders',
    headers: request.headers ?? { ...key(), ...(payload === undefined ? {} : json) },
    ...(payload === undefined ? {} : { payload }),
  });
  expect(answer.json).toMatchObject({
    type: `/problems/${code}`,
    code,
    status: problems[code].status,
    title: problems[code].title,
    retryable: false,
    correlationId: answer.headers['x-correlation-id'],
  });
  expect([answer.status, answer.headers['content-type']]).toEqual([
    problems[code].status,
    'application/problem+json; charset=utf-8',
  ]);
  if (where !== undefined) {
    const errors = answer.json['errors'] as { pointer?: string; parameter?: string; header?: string }[];
    expect(errors.map(({ pointer, parameter, header }) => pointer ?? parameter ?? header)).toContain(where);
  }
  expect(await api.store.head()).toBe(head);
});

test('a price as a JSON number is told how to send it', async () => {
  const answer = await api.post('/v1/orders', withLine({ unitPrice: 2.55 }));
  expect(answer.json['errors']).toEqual([
    {
      pointer: '/lines/0/unitPrice',
      detail: expect.stringContaining('as text, for example "2.55", not a JSON number'),
    },
  ]);
});

test('a thousand wrong lines get a short answer', async () => {
  const lines = Array.from({ length: 1_000 }, () => ({ sku: 'mug', quantity: 0, foo: 1 }));
  const answer = await api.post('/v1/orders', { currency: 'GBP', lines });
  expect(answer.json['errors']).toHaveLength(20);
});

test.each([
  ['localhost', true],
  ['LOCALHOST:3000', true],
  ['ledger.localhost:3000', true],
  ['127.0.0.1:3000', true],
  ['127.8.9.10', true],
  ['[::1]:3000', true],
  [undefined, true],
  ['', false],
  ['evil.example', false],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['127.evil:80', false],
  ['192.168.0.1', false],
  ['[::2]', false],
  ['evil.example:80@localhost', false],
])('Host %s: this machine? %s', (host, own) => {
  expect(isLoopbackHost(host)).toBe(own);
});

test('405 says what is allowed', async () => {
  const answer = await api.send({ method: 'DELETE', path: '/v1/orders' });
  expect(answer.headers['allow']).toBe('GET, HEAD, POST');
});

/** What cannot be sent with a well-behaved client. */
describe('bytes on the wire', () => {
  const WIRE = JSON.stringify(ORDER);
  const say = (bytes: string | Buffer, port = Number(url.port)): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, url.hostname, () => socket.write(bytes));
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
      socket.on('error', reject);
    });
  const post = (headers: string, body: string | Buffer) =>
    say(
      Buffer.concat([
        Buffer.from(
          `POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n` +
            `Idempotency-Key: w-${randomUUID()}\r\n${headers}\r\n`,
        ),
        Buffer.from(body),
      ]),
    );

  test.each([
    ['no HTTP', () => say('hello\r\n\r\n'), 400, 'http-malformed'],
    ['a null byte in a header', () => post('X-A: a\0b\r\n', ''), 400, 'http-malformed'],
    ['headers of 20 KB', () => post(`X-A: ${'a'.repeat(20_000)}\r\n`, ''), 431, 'headers-too-large'],
    ['two lengths', () => post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}'), 400, 'http-malformed'],
    [
      'length and chunks',
      () => post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '{}'),
      400,
      'http-malformed',
    ],
    [
      'a body in Latin-1',
      () => post('Content-Length: 17\r\n', Buffer.from('{"currency":"\xe9\xe9"}', 'latin1')),
      400,
      'body-malformed',
    ],
    ['no Host', () => say('GET /v1/orders HTTP/1.1\r\nConnection: close\r\n\r\n'), 400, 'host-missing'],
    [
      'an expectation that is none',
      () => post(`Content-Length: ${WIRE.length}\r\nExpect: a-miracle\r\n`, WIRE),
      417,
      'expectation-unsupported',
    ],
    [
      'two keys',
      () => post(`Content-Length: ${WIRE.length}\r\nIdempotency-Key: b\r\n`, WIRE),
      400,
      'idempotency-key-malformed',
    ],
  ] as const)('%s', async (_what, send, status, code) => {
    const head = await api.store.head();
    const answer = await send();
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(answer).toContain(`"code":"${code}"`);
    expect(answer).toContain('application/problem+json');
    expect(await api.store.head()).toBe(head);
  });

  test('HTTP/1.0 needs no Host', async () => {
    expect(await say('GET /health/live HTTP/1.0\r\n\r\n')).toContain('HTTP/1.1 200 OK');
  });

  test('Expect: 100-continue is told to go on', async () => {
    const answer = await post(`Content-Length: ${WIRE.length}\r\nExpect: 100-continue\r\n`, WIRE);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  });

  test.each([
    [
      'a body',
      'POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
    ['a header section', 'GET /v1/orders HTTP/1.1\r\nHost: localhost\r\n'],
  ])('%s that never ends is cut off in time, with 408', async (_what, bytes) => {
    const impatient = await openTestApi({}, { requestTimeoutMs: 300 });
    try {
      const { port } = new URL(await impatient.api.listen(0, '127.0.0.1'));
      const startedAt = performance.now();
      const answer = await say(bytes, Number(port));
      expect(performance.now() - startedAt).toBeLessThan(3_000);
      expect(answer).toContain('HTTP/1.1 408 ');
      expect(answer).toContain('"code":"request-timeout"');
    } finally {
      await impatient.close();
    }
  });
});

describe('the table', () => {
  test('has a readable page for every code, with an example that is a valid answer', async () => {
    const catalogue = await api.get('/problems');
    expect([catalogue.status, catalogue.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    for (const code of Object.keys(problems) as ProblemCode[]) {
      expect(catalogue.text).toContain(`href="/problems/${code}"`);
      const page = await api.get(`/problems/${code}`);
      expect(page.status).toBe(200);
      expect(page.text).toContain(`&quot;type&quot;: &quot;/problems/${code}&quot;`);
      expect(page.text).not.toContain('undefined');
      expect(rowOf(code).status).toBeGreaterThanOrEqual(400);
    }
  });
});
