import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { createApi, type Api } from '../../apps/api/app.js';
import { NatsCommands } from '../../apps/api/nats/nats-commands.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { natsSetting, type NatsSetting } from '../../src/infrastructure/config/nats-setting.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { MemoryKeyStore } from '../../src/infrastructure/keys/memory-key-store.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { connectTo, findNatsServer, NatsServer } from '../nats-server/nats-server.js';

const program = findNatsServer();

(program ? describe : describe.skip)('commands over a real nats-server', () => {
  let server: NatsServer;
  let store: MemoryEventStore;
  let client: NatsConnection;
  let apis: { api: Api; commands: NatsCommands }[];
  const warnings: unknown[] = [];

  beforeEach(async () => {
    server = await NatsServer.start(program as string);
    store = new MemoryEventStore({ clock: systemClock });
    apis = [];
    for (let n = 0; n < 2; n += 1) {
      const api = await createApi({
        store,
        views: new MemoryViewStore(systemClock),
        keys: new MemoryKeyStore(),
        clock: systemClock,
      });
      const log = { warn: (warning: unknown) => void warnings.push(warning) };
      apis.push({ api, commands: new NatsCommands(api, natsSetting(server.url) as NatsSetting, log) });
    }
    await serving();
    client = await connectTo(server);
  });
  afterEach(async () => {
    await client.close();
    for (const { api, commands } of apis) {
      await commands.stop();
      await api.stop();
    }
    await server.stop();
  });

  async function serving(): Promise<void> {
    for (let waited = 0; !apis.every(({ commands }) => commands.isServing); waited += 20) {
      if (waited > 15_000) throw new Error(`not served: ${JSON.stringify(warnings)}`);
      await sleep(20);
    }
  }
  async function ask(subject: string, message: object, key: string) {
    const fields = headers();
    fields.set('Idempotency-Key', key);
    const reply = await client.request(`ledger.commands.${subject}`, JSON.stringify(message), {
      headers: fields,
      timeout: 10_000,
    });
    return {
      status: reply.headers?.get('Ledger-Status'),
      headers: reply.headers,
      json: reply.json<Record<string, unknown>>(),
    };
  }
  const receive = (key: string) => ask('stock.receive-stock', { sku: 'MUG', location: 'main', quantity: 1 }, key);
  async function events(): Promise<number> {
    let count = 0;
    for await (const batch of store.readStream('stock-MUG@main')) count += batch.length;
    return count;
  }

  test('are answered with the receipt or the problem that HTTP gives', async () => {
    const done = await receive('one');
    expect(done).toMatchObject({ status: '200', json: { object: 'receipt', stream: 'stock-MUG@main', revision: '0' } });
    expect(done.headers?.get('ledger-position')).toBe(done.json['position']);
    const refused = await ask('stock.ship-stock', { sku: 'MUG', location: 'main', quantity: 5 }, 'two');
    expect(refused).toMatchObject({ status: '409', json: { code: 'insufficient-stock', retryable: false } });
  });

  test('two APIs in one queue group answer each command once', async () => {
    const inbox = 'replies.once';
    const replies: string[] = [];
    const subscription = client.subscribe(`${inbox}.*`, {
      callback: (_, message) => void replies.push(message.subject),
    });
    const total = 400;
    for (let n = 0; n < total; n += 1) {
      const fields = headers();
      fields.set('Idempotency-Key', `key-${n}`);
      const message = JSON.stringify({ sku: 'MUG', location: 'main', quantity: 1 });
      client.publish('ledger.commands.stock.receive-stock', message, { headers: fields, reply: `${inbox}.${n}` });
    }
    for (let waited = 0; replies.length < total && waited < 15_000; waited += 20) await sleep(20);
    await sleep(200); // time for a second answer, were there one
    subscription.unsubscribe();
    expect(replies).toHaveLength(total);
    expect(new Set(replies).size).toBe(total);
    expect(await events()).toBe(total);
  });

  test('one of the two stops, and nothing that it had taken goes without an answer', async () => {
    const asked = Array.from({ length: 200 }, (_, n) => receive(`stop-${n}`));
    await apis[0]?.commands.stop();
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual(asked.map(() => '200'));
    expect((await receive('after')).status).toBe('200');
  });

  test('NATS goes and comes back, and a command that was asked again is done once', async () => {
    await receive('again');
    await server.kill();
    for (let waited = 0; apis.some(({ commands }) => commands.isServing) && waited < 10_000; waited += 20)
      await sleep(20);
    await server.restart();
    await serving();
    await client.close();
    client = await connectTo(server);
    expect((await receive('again')).headers?.get('idempotent-replayed')).toBe('true');
    expect(await events()).toBe(1);
  });

  test('a command that asks for no answer is done all the same', async () => {
    const fields = headers();
    fields.set('Idempotency-Key', 'silent');
    client.publish('ledger.commands.stock.receive-stock', '{"sku":"MUG","location":"main","quantity":1}', {
      headers: fields,
    });
    for (let waited = 0; (await events()) === 0 && waited < 5_000; waited += 20) await sleep(20);
    expect(await events()).toBe(1);
  });
});
