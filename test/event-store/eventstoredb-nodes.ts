import { EventStoreDBClient } from '@eventstore/db-client';
import { setTimeout as delay } from 'node:timers/promises';
import {
  EventStoreDbEventStore,
  type EventStoreDbEventStoreOptions,
} from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js';
import type { EventLog } from '../eventstoredb-server/event-log.js';
import { EventStoreDbTestServer, type ServerOptions } from '../eventstoredb-server/server.js';
import { clock } from './log-file.js';

/** Servers, stores and bare clients of one test; `end` lets go of all of them. */
export class Nodes {
  readonly #stores: { close(): Promise<void> }[] = [];
  readonly #servers: EventStoreDbTestServer[] = [];

  constructor(private readonly deadlineMs: number) {}

  async serve(options: ServerOptions = {}): Promise<EventStoreDbTestServer> {
    const server = await new EventStoreDbTestServer(options).start();
    this.#servers.push(server);
    return server;
  }

  /** So many nodes on one log; `leader` leads until `lead` says another. All of them tell of all by gossip. */
  async cluster(log: EventLog, count: number) {
    const nodes: EventStoreDbTestServer[] = [];
    const gone = new Set<EventStoreDbTestServer>();
    let leader: EventStoreDbTestServer | undefined;
    const leading = () => leader ?? nodes[0]!;
    const members = () =>
      nodes.map((server) => {
        const state = server === leading() ? ('leader' as const) : ('follower' as const);
        return { server, state, alive: !gone.has(server) };
      });
    for (let n = 0; n < count; n++) nodes.push(await this.serve({ log, leader: leading, members }));
    return {
      nodes,
      lead: (server: EventStoreDbTestServer) => (leader = server),
      kill: (server: EventStoreDbTestServer) => {
        gone.add(server);
        server.stop();
      },
      revive: async (server: EventStoreDbTestServer) => {
        gone.delete(server);
        await server.start();
      },
      url: (parameters = '') =>
        `esdb://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}?tls=false${parameters}`,
    };
  }

  async open(url: string, options: Partial<EventStoreDbEventStoreOptions> = {}): Promise<EventStoreDbEventStore> {
    const store = await EventStoreDbEventStore.open({ url, clock, deadlineMs: this.deadlineMs, ...options });
    this.#stores.push(store);
    return store;
  }

  bareClient(url: string): EventStoreDBClient {
    const client = EventStoreDBClient.connectionString(url);
    this.#stores.push({ close: () => client.dispose() });
    return client;
  }

  async end(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store.close();
    for (const server of this.#servers.splice(0)) server.stop();
  }
}

/** What `promise` has come to after `ms`, or `pending`. */
export const after = <T>(ms: number, promise: Promise<T>): Promise<T | 'pending'> =>
  Promise.race([promise, delay(ms, 'pending' as const, { ref: false })]);

/** How a call that should fail did, and after how long. */
export async function timed(call: () => Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const begin = performance.now();
  const error = await call().then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return { error, ms: performance.now() - begin };
}
