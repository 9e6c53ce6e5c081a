import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { clockFinding, diskFinding } from '../../apps/ledger/doctor/finding.js';
import { walFinding } from '../../apps/ledger/doctor/sqlite-file.checks.js';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { collectionOf, type ViewStore } from '../../src/application/ports/view-store.js';
import { openEventStore, openViewStore } from '../../src/infrastructure/engines.js';
import { confirmed } from '../event-store/log-file.js';
import { EventLog } from '../eventstoredb-server/event-log.js';
import { EventStoreDbTestServer, type ServerOptions } from '../eventstoredb-server/server.js';
import { temporaryFolders } from '../temporary-folders.js';
import { diagnose, everyFollower } from './doctor.js';

const running: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});
const temporaryFolder = temporaryFolders();

async function eventStoreDb(options?: ServerOptions): Promise<EventStoreDbTestServer> {
  const server = await new EventStoreDbTestServer(options).start();
  running.push(() => server.stop());
  return server;
}

const envOf = (server: EventStoreDbTestServer) => ({ LEDGER_DATA: temporaryFolder(), EVENTSTORE_URL: server.url() });

/** Every view as it is once it has looked at the log up to there. */
async function fill(views: ViewStore, log: string, upTo: bigint): Promise<void> {
  for (const view of everyFollower) {
    await views.prepare(view, log);
    const lease = await views.acquireLease(collectionOf(view), 'test', 10_000);
    if (!lease) throw new Error('nobody else has it');
    await views.commit(view, { documents: [], checkpoint: upTo }, lease);
    await views.releaseLease(lease);
  }
}

describe('EventStoreDB', () => {
  test('is asked what it is and what its user may do, and nothing is written', async () => {
    const server = await eventStoreDb({ version: '25.1.0' });
    const diagnosis = await diagnose(envOf(server));
    expect(diagnosis.complaints).toEqual([]);
    expect(diagnosis.finding('log', 'server')?.found).toBe('EventStoreDB (KurrentDB) 25.1.0');
    expect(diagnosis.finding('log', 'leader')?.found).toBe(`127.0.0.1:${server.port}, the only node`);
    expect(diagnosis.finding('log', 'read')?.found).toContain('there is no ledger yet');
    expect(diagnosis.finding('log', 'append')?.found).toBe('this user may, and 1.0 MB at once');
    expect(diagnosis.finding('log', 'clock')?.verdict).toBe('ok');
    expect(diagnosis.finding('log', 'disk')?.found).toBe('50 GB free of 100 GB, at the server');
    expect(diagnosis.finding('followers', 'catalog@3')?.found).toBe('not made yet; the log is empty');
    expect(server.log.events).toEqual([]);
  });

  test('with a ledger in it: the events that views are behind are counted', async () => {
    const server = await eventStoreDb();
    const env = envOf(server);
    const log = await openEventStore(readConfig(env), 'read-write');
    for (const id of ['a', 'b', 'c']) await log.append(`order-${id}`, 'no-stream', [confirmed(id)]);
    await log.close();
    const { exitCode, sections } = await diagnose(env);
    expect(exitCode).toBe(0);
    const [catalog] = sections.find(({ name }) => name === 'followers')?.findings ?? [];
    expect(catalog?.found).toMatch(/^not made yet, 3 events, \d+ s behind, and nobody follows the log for it$/);
  });

  test('of which $all cannot be read is not taken for an empty log: no view is to be made anew', async () => {
    const server = await eventStoreDb();
    const env = envOf(server);
    const config = readConfig(env);
    const [log, views] = [await openEventStore(config, 'read-write'), await openViewStore(config, 'read-write')];
    const { position } = await log.append('order-a', 'no-stream', [confirmed('a')]);
    await fill(views, await log.identity(), position);
    await Promise.all([log.close(), views.close()]);
    server.faults.plan('read', { before: 'refuse' }, Infinity);
    const diagnosis = await diagnose(env);
    expect(diagnosis.complaints).toEqual(['fail: log, read', 'fail: followers, lag']);
    expect(diagnosis.finding('followers', 'lag')?.found).toBe('cannot be told: the log cannot be read');
    expect(JSON.stringify(diagnosis.sections)).not.toMatch(/empty|rebuild|anew/);
  });

  test('that does not take an append, and refuses nobody, is not told to give rights', async () => {
    const server = await eventStoreDb();
    server.faults.plan('batchAppend', { before: 'refuse' }, Infinity);
    const diagnosis = await diagnose(envOf(server));
    expect(diagnosis.complaints).toEqual(['fail: log, append']);
    const todo = diagnosis.finding('log', 'append')?.todo;
    expect(todo).toBe(
      'See whether the server of EVENTSTORE_URL runs, and whether a firewall lets this machine through.',
    );
  });

  test('that takes less at once than every log has to fails, with the setting to raise', async () => {
    const server = await eventStoreDb({ log: new EventLog({ maxAppendBytes: 100_000 }) });
    const { exitCode, complaints, sections } = await diagnose(envOf(server));
    expect({ exitCode, complaints }).toEqual({ exitCode: 1, complaints: ['fail: log, append'] });
    expect(JSON.stringify(sections)).toContain('MaxAppendSize to 1048576 bytes or more');
  });

  test('whose disk is nearly full fails, before it is full', async () => {
    const server = await eventStoreDb({ disk: { available: 90e6, total: 100e9 } });
    const diagnosis = await diagnose(envOf(server));
    expect(diagnosis.complaints).toEqual(['fail: log, disk']);
    expect(diagnosis.finding('log', 'disk')?.todo).toMatch(/^Make room/);
  });

  test('with a node down is something to look at, and without a leader fails', async () => {
    const server = await eventStoreDb({
      members: () => [
        { server, state: 'leader', alive: true },
        { server: new EventStoreDbTestServer({ port: 20_001 }), state: 'follower', alive: false },
      ],
    });
    const found = (await diagnose(envOf(server))).finding('log', 'leader');
    expect(found).toMatchObject({
      verdict: 'warn',
      found: expect.stringContaining('of 2 nodes; down: 127.0.0.1:20001'),
    });

    const leaderless = await eventStoreDb({ members: () => [{ server: leaderless, state: 'follower', alive: true }] });
    expect((await diagnose(envOf(leaderless))).finding('log', 'leader')?.verdict).toBe('fail');
  });
});

describe('EventStoreDB with TLS', () => {
  const pem = readFileSync('test/eventstoredb-server/localhost.pem');
  const authorization = `Basic ${Buffer.from('ledger:right').toString('base64')}`;
  const ca = 'tlsCAFile=test/eventstoredb-server/localhost.pem';

  test.each([
    ['right credentials', `esdb://ledger:right@localhost:PORT?${ca}`, [], ''],
    ['a wrong password', `esdb://ledger:secret@localhost:PORT?${ca}`, ['read', 'append'], 'user'],
    [
      'an authority that is not trusted',
      'esdb://ledger:right@localhost:PORT',
      ['reachable'],
      'certificate is not trusted',
    ],
    ['plain text', 'esdb://localhost:PORT?tls=false', ['reachable'], 'See whether|TLS'],
  ])('and %s', async (_, url, failing, advice) => {
    const server = await eventStoreDb({ tls: { key: pem, certificate: pem, authorization } });
    const env = { LEDGER_DATA: temporaryFolder(), EVENTSTORE_URL: url.replace('PORT', String(server.port)) };
    const diagnosis = await diagnose(env);
    const log = diagnosis.sections.find(({ name }) => name === 'log')?.findings ?? [];
    const failed = log.filter(({ verdict }) => verdict === 'fail');
    expect(failed.map(({ check }) => check)).toEqual(failing);
    for (const { todo } of failed) expect(todo).toMatch(new RegExp(advice));
    expect(JSON.stringify(diagnosis.sections)).not.toContain('secret');
  });
});

describe('engines that are down', () => {
  test('fail, each by itself, and the other is checked all the same', async () => {
    const env = {
      EVENTSTORE_URL: 'esdb://user:secret@127.0.0.1:1?tls=false',
      MONGODB_URL: 'mongodb://user:secret@127.0.0.1:1/x',
    };
    const { exitCode, complaints, sections } = await diagnose(env);
    expect(exitCode).toBe(1);
    expect(complaints).toEqual(['fail: log, reachable', 'fail: views, reachable', 'fail: followers, followers']);
    expect(JSON.stringify(sections)).not.toContain('secret');
    expect(JSON.stringify(sections).match(/Nothing listens there/g)).toHaveLength(2);
    expect(sections.map(({ name }) => name)).not.toContain('data folder');
  }, 20_000);

  test('that take connections and say nothing are given up in time', async () => {
    const port = await mute();
    const startedAt = performance.now();
    const env = { EVENTSTORE_URL: `esdb://127.0.0.1:${port}?tls=false`, MONGODB_URL: `mongodb://127.0.0.1:${port}/x` };
    const { exitCode, complaints } = await diagnose(env);
    expect(exitCode).toBe(1);
    expect(complaints).toEqual(['fail: log, reachable', 'fail: views, reachable', 'fail: followers, followers']);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  }, 30_000);

  async function mute(): Promise<number> {
    const server: Server = createServer(() => undefined);
    const sockets = new Set<{ destroy(): void }>();
    server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    running.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('it listens on a port');
    return address.port;
  }
});

test('wrong settings are findings like any other, without secrets, and what is right is checked', async () => {
  const env = {
    LEDGER_DATA: temporaryFolder(),
    MONGODB_URL: 'mongodb://user:se/cret@host/x',
    STRIPE_SECRET_KEY: 'sk_live_1',
  };
  const { exitCode, complaints, sections } = await diagnose(env);
  expect(exitCode).toBe(1);
  expect(complaints).toEqual(['fail: settings, MONGODB_URL', 'fail: settings, STRIPE_SECRET_KEY']);
  expect(sections.map(({ name }) => name)).toEqual(['settings', 'data folder', 'log']);
  expect(JSON.stringify(sections)).not.toMatch(/\bcret|sk_live_1/);
});

describe('what is measured', () => {
  test.each([
    [2e12, 'ok'],
    [900_000_000, 'warn'],
    [90_000_000, 'fail'],
  ])('%d bytes of free disk: %s', (free, verdict) => {
    expect(diskFinding(free, 4e12, 'at /').verdict).toBe(verdict);
  });

  test.each([
    [900, 0, 'ok'],
    [1_800, 1_000, 'ok'],
    [-1_100, 0, 'warn'],
    [-2_600, 0, 'fail'],
    [3_400, 1_000, 'warn'],
    [3_600, 1_000, 'fail'],
  ])('a clock %d ms ahead, known to within %d ms: %s', (aheadMs, exactMs, verdict) => {
    expect(clockFinding(aheadMs, exactMs).verdict).toBe(verdict);
  });

  test.each([
    [64 * 2 ** 20, 'ok'],
    [300 * 2 ** 20, 'warn'],
  ])('a WAL of %d bytes: %s', (bytes, verdict) => {
    expect(walFinding(bytes).verdict).toBe(verdict);
  });
});
