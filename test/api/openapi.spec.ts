import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Lifecycle } from '../../apps/api/lifecycle.js';
import { problems, type ProblemCode } from '../../apps/api/problems.js';
import { openTestApi, type TestApi } from './api-harness.js';

/** `UPDATE_OPENAPI=1 npm test -- test/api/openapi.spec.ts` writes it anew. */
const SNAPSHOT = new URL('../../docs/openapi.json', import.meta.url);

type Schema = Readonly<{
  $ref?: string;
  allOf?: Schema[];
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  enum?: unknown[];
  pattern?: string;
  example?: unknown;
}>;
type Parameter = Readonly<{
  name: string;
  in: string;
  required: boolean;
  schema: Schema;
  example?: unknown;
  description?: string;
}>;
type Response = Readonly<{
  $ref?: string;
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, { schema?: Schema; examples?: Record<string, { $ref: string }> }>;
}>;
type Operation = Readonly<{
  operationId: string;
  summary?: string;
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, Response>;
}>;
type Document = Readonly<{
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    examples: Record<string, { value: unknown }>;
    responses: Record<string, Response>;
  };
}>;

let api: TestApi;
let document: Document;
beforeAll(async () => {
  api = await openTestApi();
  document = (await api.get('/v1/openapi.json')).json as unknown as Document;
});
afterAll(() => api.close());

const operations = (): (Operation & { method: string; path: string })[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
/** What is posted and is no client's command: it writes nothing here, or its sender names it by an id of its own. */
const NO_COMMANDS = [
  'previewOrderEdit',
  'receiveStripeWebhook',
  'completeAuthentication',
  'endDispute',
  'findCustomersByEmail',
];
const commands = () =>
  operations().filter(({ method, operationId }) => method === 'POST' && !NO_COMMANDS.includes(operationId));

const resolved = (response: Response): Response =>
  response.$ref ? (document.components.responses[response.$ref.split('/').at(-1) ?? ''] ?? response) : response;

/** What the schema's own examples make. */
function exampleOf(schema: Schema): unknown {
  if (schema.$ref) return exampleOf(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if (schema.example !== undefined) return schema.example;
  if (schema.items) return Array<unknown>(Math.max(1, schema.minItems ?? 1)).fill(exampleOf(schema.items));
  if (schema.properties) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, exampleOf(property)]));
  }
  return schema.enum?.[0];
}

const pathWithExamples = ({ path, parameters }: Operation & { path: string }): string =>
  path.replace(/\{(\w+)\}/g, (_, name) => {
    const parameter = parameters.find((each) => each.in === 'path' && each.name === name);
    return encodeURIComponent(String(parameter?.example ?? parameter?.schema.example ?? parameter?.schema.enum?.[0]));
  });

test('the committed document is what is served', async () => {
  const served = `${JSON.stringify(document, undefined, 2)}\n`;
  if (process.env['UPDATE_OPENAPI']) await writeFile(SNAPSHOT, served);
  expect(served).toBe(await readFile(SNAPSHOT, 'utf8'));
});

test('it is OpenAPI 3.1, and every $ref in it leads somewhere', () => {
  expect(document.openapi).toBe('3.1.0');
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([\w-]+)"/g)];
  expect(refs.length).toBeGreaterThan(100);
  for (const [, kind, name] of refs) expect(document.components).toHaveProperty([kind ?? '', name ?? '']);
});

test('every route of the application is in it, and nothing else', () => {
  const routes = api.api.routes
    .all()
    .filter(({ method, path }) => method !== 'HEAD' && !path.startsWith('/docs') && path !== '/v1/openapi.json')
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  expect(
    operations()
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  ).toEqual(routes.sort());
});

test('the index names every resource, and nothing that is not answered', async () => {
  const { resources } = (await api.get('/')).json as { resources: string[] };
  const roots = ['products', 'stock', 'drafts', 'orders', 'fulfilments', 'payments', 'customers', 'feed', 'journals'];
  expect(resources).toEqual(expect.arrayContaining(roots.map((root) => `/v1/${root}`)));
  for (const path of resources.filter((path) => path !== '/v1/feed')) {
    expect([path, (await api.get(path)).status]).not.toEqual([path, 404]);
  }
});

test('every operation has a summary and an id of its own', () => {
  const ids = operations().map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { summary } of operations()) expect(summary).toEqual(expect.any(String));
});

test('every property of every schema has an example, an enum or a schema', () => {
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    for (const [property, described] of Object.entries(schema.properties ?? {})) {
      const said = described.example ?? described.enum ?? described.items ?? described.$ref ?? described.allOf;
      const nullable = Array.isArray(described.type) && described.type.includes('null');
      expect([
        `${name}.${property}`,
        said !== undefined || nullable || described.type === 'object' || !schema.required?.includes(property),
      ]).toEqual([`${name}.${property}`, true]);
    }
  }
});

describe('commands', () => {
  test('ask for an Idempotency-Key, and say ETag, Ledger-Position and what was replayed', () => {
    expect(commands().length).toBeGreaterThan(10);
    for (const { parameters, responses, operationId } of commands()) {
      expect(parameters.find(({ name }) => name === 'Idempotency-Key')).toMatchObject({ in: 'header', required: true });
      expect(parameters.map(({ name }) => name)).toContain('If-Match');
      const success = responses['200'] ?? responses['201'];
      expect([operationId, Object.keys(success?.headers ?? {})]).toEqual([
        operationId,
        expect.arrayContaining(['ETag', 'Ledger-Position', 'Idempotent-Replayed']),
      ]);
    }
  });

  test('are taken with the examples of their schemas: no 400', async () => {
    for (const operation of commands()) {
      const schema = operation.requestBody?.content['application/json']?.schema;
      const answer = await api.post(pathWithExamples(operation), schema && exampleOf(schema));
      expect([operation.operationId, answer.json['code']]).not.toEqual([operation.operationId, 'request-invalid']);
      expect(answer.status).not.toBe(400);
      expect(operation.responses).toHaveProperty(String(answer.status));
    }
  });
});

describe('queries', () => {
  test('are taken with the example of each parameter, but for those that need another', async () => {
    const isQuery = ({ method, path }: (typeof all)[number]) => method === 'GET' && path.startsWith('/v1/');
    const all = operations();
    for (const operation of all.filter(isQuery)) {
      if (operation.responses['200']?.content?.['text/event-stream']) continue; // it would not end
      for (const { name, in: where, example, schema } of operation.parameters) {
        if (where !== 'query' || ['minPosition', 'cursor', 'after'].includes(name)) continue;
        const value = String(example ?? schema.example ?? schema.enum?.[0]);
        const answer = await api.get(`${pathWithExamples(operation)}?${name}=${encodeURIComponent(value)}`);
        const details = ((answer.json['errors'] ?? []) as { detail: string }[]).map(({ detail }) => detail);
        for (const detail of details) expect(detail).toMatch(/need|cannot be combined|is for|is missing/);
        expect(operation.responses).toHaveProperty(String(answer.status));
      }
    }
  });
});

test('every problem example has the status it is listed under, and is a row of the table', () => {
  let seen = 0;
  for (const { responses } of operations()) {
    for (const [status, response] of Object.entries(responses)) {
      const { content } = resolved(response);
      for (const code of Object.keys(content?.['application/problem+json']?.examples ?? {})) {
        expect(document.components.examples[code]?.value).toMatchObject({
          code,
          status: Number(status),
          title: problems[code as ProblemCode].title,
        });
        seen += 1;
      }
    }
  }
  expect(seen).toBeGreaterThan(100);
});

describe('every operation lists what any request may meet', () => {
  const withParameters = ({ path, parameters }: Operation & { path: string }, value: string): string =>
    parameters.some((each) => each.in === 'path') ? path.replace(/\{\w+\}/g, value) : '';
  type Ask = (operation: Operation & { path: string }) => { path: string; headers?: Record<string, string> };
  const faults: [ProblemCode, Ask][] = [
    ['host-unknown', (operation) => ({ path: pathWithExamples(operation), headers: { host: 'evil.example' } })],
    ['expectation-unsupported', (operation) => ({ path: pathWithExamples(operation), headers: { expect: 'luck' } })],
    ['uri-malformed', (operation) => ({ path: withParameters(operation, '%zz') })],
    ['uri-too-long', (operation) => ({ path: withParameters(operation, 'a'.repeat(400)) })],
  ];

  /** The harness throws at an answer that is not listed. */
  test.each(faults)('%s', async (code, ask) => {
    let asked = 0;
    for (const operation of operations()) {
      const { path, headers } = ask(operation);
      if (path === '') continue;
      const send = operation.method === 'POST' ? api.post(path, undefined, headers) : api.get(path, headers);
      expect((await send).json['code']).toBe(code);
      asked += 1;
    }
    expect(asked).toBeGreaterThan(10);
  });

  test('shutting-down, but for health, which tells', async () => {
    const stopping = await openTestApi();
    stopping.api.app.get(Lifecycle).stopping = true;
    for (const operation of operations()) {
      const path = pathWithExamples(operation);
      const { json } = await (operation.method === 'POST' ? stopping.post(path) : stopping.get(path));
      if (!path.startsWith('/health/')) expect(json['code']).toBe('shutting-down');
      else expect(json['status']).toBe(path === '/health/live' ? 'live' : 'unavailable');
    }
    await stopping.close();
  });
});

describe('the page at /docs', () => {
  test('needs nothing from elsewhere', async () => {
    const page = await api.get('/docs');
    expect([page.status, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset ?? '');
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      expect(asset).toMatch(/^\.\/docs\//);
      expect((await api.get(asset.slice(1))).status).toBe(200);
    }
  });
});
