import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Parser } from '@asyncapi/parser';
import { asyncApiDocument } from '../../apps/api/feed/asyncapi.js';
import { commandSubjects } from '../../apps/api/nats/command-subjects.js';
import { OpenApi } from '../../apps/api/openapi.js';
import { toCloudEvent } from '../../src/application/public-events/cloud-event.js';
import { publicEvents } from '../../src/application/public-events/registry.js';
import type { JsonSchema } from '../../src/application/public-events/shape.js';
import { EVENT_SUBJECTS } from '../../src/infrastructure/messaging/event-stream.js';
import { openTestApi, type TestApi } from '../api/api-harness.js';
import { goods, placed, recorded } from '../projections/recorded.js';
import { openSchemaCheck } from '../public-events/schema-check.js';

type Message = Readonly<{
  payload: JsonSchema & { required: string[]; properties: Record<string, JsonSchema> };
  examples: { payload: unknown }[];
}>;
let api: TestApi;
/** Once: it takes seconds. */
let parsed: Awaited<ReturnType<Parser['parse']>>;
beforeAll(async () => {
  api = await openTestApi();
  parsed = await new Parser().parse(JSON.stringify(asyncApi()));
}, 60_000);
afterAll(() => api.close());
const openApi = () => api.api.app.get(OpenApi).document;
const asyncApi = () => asyncApiDocument(openApi());
const messages = () => (asyncApi() as { components: { messages: Record<string, Message> } }).components.messages;

test('the document is valid AsyncAPI 3, and names every public event and every command', () => {
  const { document, diagnostics } = parsed;
  const wrong = diagnostics
    .filter(({ severity }) => Number(severity) <= 1)
    .map(({ code, message, path }) => [code, message, path]);
  expect(wrong).toEqual([]);
  expect(document?.version()).toBe('3.0.0');
  const addresses = document
    ?.channels()
    .all()
    .map((channel) => channel.address())
    .filter((address) => typeof address === 'string'); // where answers go has none
  const commands = commandSubjects(openApi()).map(({ subject }) => subject);
  expect(commands.length).toBeGreaterThan(30);
  expect(addresses?.toSorted()).toEqual([...publicEvents.map(({ type }) => type), ...commands].toSorted());
});

test('one that is not valid would be found', async () => {
  const { operations, ...whole } = asyncApi() as { operations: Record<string, object> };
  const [[name, one]] = Object.entries(operations) as [[string, object]];
  const broken = { ...whole, operations: { [name]: { ...one, action: 'shout' } } };
  const { diagnostics } = await new Parser().parse(JSON.stringify(broken));
  expect(diagnostics.filter(({ severity }) => Number(severity) === 0)).not.toEqual([]);
});

test('its examples hold the data of their schemas, in an envelope that is whole', async () => {
  const violation = await openSchemaCheck();
  for (const { type, data } of publicEvents) {
    const { payload, examples } = messages()[type]!;
    const schema = { ...payload, properties: { ...payload.properties, data: data.schema } };
    expect([type, examples.map((example) => violation(schema, example.payload))]).toEqual([type, [undefined]]);
  }
});

test('every attribute of an event is in it, and every one that is required is in an event', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const [order] = recorded([{ event: placed([goods(1, '2.55')]) }]);
  if (!order) throw new Error('no event');
  const event = toCloudEvent({ ...order, metadata: { ...order.metadata, traceparent } }, '/ledger/x') ?? {};
  const { required, properties } = messages()['ledger.order.placed.v1']!.payload;
  expect(Object.keys(properties).toSorted()).toEqual(Object.keys(event).toSorted());
  expect(required.toSorted()).toEqual(
    Object.keys(event)
      .filter((name) => name !== 'traceparent')
      .toSorted(),
  );
});

test('the stream takes every subject', () => {
  for (const { type } of publicEvents) {
    expect(EVENT_SUBJECTS.filter((subject) => type.startsWith(subject.slice(0, -1)))).toHaveLength(1);
  }
});

test('it is served', async () => {
  expect((await api.get('/v1/asyncapi.json')).json).toEqual(JSON.parse(JSON.stringify(asyncApi())));
});

test('a command says what its message may hold, path and body, and how it is answered', () => {
  const subject = 'ledger.commands.stock.receive-stock';
  const operation = parsed.document?.operations().get(subject);
  expect(operation?.action()).toBe('receive');
  const answers = operation?.reply()?.messages().all();
  expect(answers?.map((message) => message.name())).toEqual(['receipt', 'problem']);
  const payload = operation?.messages().all()[0]?.payload()?.json() as { allOf: JsonSchema[] };
  expect(payload.allOf).toMatchObject([
    { properties: { sku: { type: 'string' }, location: { type: 'string' } }, required: ['sku', 'location'] },
    { properties: { quantity: { type: 'integer' } }, required: ['quantity'] },
  ]);
});
