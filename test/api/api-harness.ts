import { randomUUID } from 'node:crypto';
import { createApi, type Api, type ApiOptions } from '../../apps/api/app.js';
import { OpenApi } from '../../apps/api/openapi.js';
import type { EventStore } from '../../src/application/ports/event-store.js';
import type { KeyStore } from '../../src/application/ports/key-store.js';
import { collectionOf, type ViewStore } from '../../src/application/ports/view-store.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { MemoryKeyStore } from '../../src/infrastructure/keys/memory-key-store.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { projections } from '../../src/projections/index.js';
import type { Document, Projection, Stored } from '../../src/projections/projection.js';
import { refuseUndocumented } from './documented.js';

export type Answered = Readonly<{
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  text: string;
  /** The body, if it is JSON. */
  json: Record<string, unknown>;
}>;
type Headers = Record<string, string>;

/**
 * An API in this process over stores in memory; views move only when a test calls `project`. Every answer that its
 * OpenAPI document does not list is an error.
 */
export type TestApi = Readonly<{
  api: Api;
  store: EventStore;
  views: ViewStore;
  clock: { now(): number; set(instant: string): void };
  get: (path: string, headers?: Headers) => Promise<Answered>;
  /** A command, with a fresh `Idempotency-Key` unless `headers` brings one. */
  post: (path: string, body?: unknown, headers?: Headers) => Promise<Answered>;
  send: (request: { method: string; path: string; headers?: Headers; payload?: string }) => Promise<Answered>;
  project: () => Promise<void>;
  close: () => Promise<void>;
}>;

export async function openTestApi(
  ports: Partial<{ store: EventStore; views: ViewStore; keys: KeyStore; sandbox: SandboxProvider }> = {},
  options: Pick<ApiOptions, 'requestTimeoutMs' | 'payments' | 'snapshots'> = {},
): Promise<TestApi> {
  let now = Date.parse('2026-03-01T12:00:00.000Z');
  const clock = { now: () => now, set: (instant: string) => void (now = Date.parse(instant)) };
  const store = ports.store ?? new MemoryEventStore({ clock });
  const views = ports.views ?? new MemoryViewStore(clock);
  const keys = ports.keys ?? new MemoryKeyStore();
  const sandbox = ports.sandbox ?? new SandboxProvider({ file: ':memory:', clock });
  const api = await createApi({ store, views, keys, clock, sandbox, ...options });
  const { document } = api.app.get(OpenApi);

  const send: TestApi['send'] = async ({ method, path, headers = {}, payload }) => {
    const response = await api.app.inject({
      method: method as 'GET',
      url: path,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    const isJson = response.payload !== '' && /json/.test(String(response.headers['content-type']));
    const answer = {
      status: response.statusCode,
      headers: response.headers,
      text: response.payload,
      json: isJson ? (JSON.parse(response.payload) as Record<string, unknown>) : {},
    };
    refuseUndocumented(document, method, path, answer);
    return answer;
  };

  return {
    api,
    store,
    views,
    clock,
    send,
    get: (path, headers = {}) => send({ method: 'GET', path, headers }),
    post: (path, body, headers = {}) =>
      send({
        method: 'POST',
        path,
        headers: {
          'idempotency-key': randomUUID(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    project: async () => {
      for (const projection of projections) await project(projection, store, views);
    },
    close: async () => {
      await api.stop();
      await store.close();
      await views.close();
      await keys.close();
      await sandbox.close();
    },
  };
}

/** Folds everything that is new, one event at a time: slow, and too simple to be wrong. */
async function project(projection: Projection, store: EventStore, views: ViewStore): Promise<void> {
  await views.prepare(projection, await store.identity());
  const lease = await views.acquireLease(collectionOf(projection), 'test', 60_000);
  if (!lease) throw new Error(`${projection.name} is leased`);
  const after = (await views.checkpoint(projection))?.position;
  for await (const { events, upTo } of store.readAll({
    types: projection.types,
    ...(after === undefined ? {} : { after }),
  })) {
    for (const event of events) {
      const documents: Stored<Document>[] = [];
      for (const change of projection.changes(event)) {
        const known = documents.findIndex(({ _id }) => _id === change.id);
        const before = known < 0 ? await views.get(projection, change.id) : documents[known];
        const document = { ...projection.apply(before, change), asOf: event.position };
        if (known < 0) documents.push(document);
        else documents[known] = document;
      }
      await views.commit(projection, { documents, checkpoint: event.position }, lease);
    }
    await views.commit(projection, { documents: [], checkpoint: upTo }, lease);
  }
}
