/** A leader that is none any more, or says so falsely; nodes that come and go; a log that nobody serves. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js';
import { EventLog } from '../eventstoredb-server/event-log.js';
import { after, Nodes, timed } from './eventstoredb-nodes.js';
import { anyStream, clock, confirmed, streamOf } from './log-file.js';

const DEADLINE_MS = 500;
const BOUND_MS = 2_000;
const nodes = new Nodes(DEADLINE_MS);
let log: EventLog;
beforeEach(() => {
  log = new EventLog();
});
afterEach(() => nodes.end());

const collect = async (batches: AsyncIterable<unknown>) => {
  for await (const _ of batches);
};

describe('the node of the URL is not the leader', () => {
  test('every call goes to the leader: another node may be behind', async () => {
    const { nodes: members } = await nodes.cluster(log, 2);
    const [leader, follower] = [members[0]!, members[1]!];
    const store = await nodes.open(follower.url());
    const stream = anyStream();
    await store.append(stream, 'no-stream', [confirmed('1')]);
    expect(await streamOf(store, stream)).toHaveLength(1);
    await collect(store.readAll());
    for await (const { events } of store.subscribe({ signal: AbortSignal.timeout(5_000) })) {
      expect(events).toHaveLength(1);
      break;
    }
    expect(leader.faults.count('batchAppend')).toBe(2);
    expect(follower.faults.count('batchAppend') + follower.faults.count('subscribe')).toBe(0);
    expect(follower.faults.count('read')).toBeLessThanOrEqual(2); // `open` asks twice at once
  });

  test('an append that it refuses is sent to the leader, once written; the client itself does not send it again', async () => {
    const { nodes: members } = await nodes.cluster(log, 2);
    const store = await nodes.open(members[0]!.url());
    const stream = anyStream();
    members[0]!.faults.plan('batchAppend', {
      before: 'not-leader',
      leader: { host: '127.0.0.1', port: members[1]!.port },
    });
    members[1]!.faults.plan('batchAppend', {
      before: 'not-leader',
      leader: { host: '127.0.0.1', port: members[0]!.port },
    });
    await expect(store.append(stream, 'no-stream', [confirmed('1')])).resolves.toMatchObject({ repeated: false });
    expect(await streamOf(store, stream)).toHaveLength(1);

    const bare = nodes.bareClient(members[0]!.url());
    const refused = bare.appendToStream(anyStream(), [], {
      requiresLeader: true,
      credentials: { username: 'a', password: 'b' },
    });
    members[0]!.faults.plan('append', {
      before: 'not-leader',
      leader: { host: '127.0.0.1', port: members[1]!.port },
    });
    await expect(refused).rejects.toMatchObject({ type: 'not-leader' });
  });

  test('nodes that lie about it for ever are given up at the deadline', async () => {
    const server = await nodes.serve({ log });
    const store = await nodes.open(server.url());
    const itself = { host: '127.0.0.1', port: server.port };
    server.faults.plan('batchAppend', { before: 'not-leader', leader: itself }, 1_000);
    server.faults.plan('read', { before: 'not-leader', leader: itself }, 1_000);
    server.faults.plan('subscribe', { before: 'not-leader', leader: itself }, 1_000);
    for (const call of [
      () => store.append(anyStream(), 'no-stream', [confirmed('1')]),
      () => store.head(),
      () => collect(store.readStream(anyStream())),
      () => collect(store.subscribe({ after: 1n, signal: new AbortController().signal })),
    ]) {
      const { error, ms } = await timed(call);
      expect(error).toBeInstanceOf(StoreUnavailable);
      expect(ms).toBeLessThan(BOUND_MS);
    }
  });
});

describe.each([
  ['seeds', (urls: { url: () => string }) => urls.url()],
  ['discovery', (_: unknown, port: number) => `esdb+discover://127.0.0.1:${port}?tls=false`],
])('a cluster found by %s', (_, urlOf) => {
  test('goes on with the new leader when the old one is killed, without a call that fails', async () => {
    const cluster = await nodes.cluster(log, 3);
    const [first, second, third] = [cluster.nodes[0]!, cluster.nodes[1]!, cluster.nodes[2]!];
    const store = await nodes.open(urlOf(cluster, third.port), { deadlineMs: 3_000 });
    const stream = anyStream();
    await store.append(stream, 'no-stream', [confirmed('1')]);
    expect(first.faults.count('batchAppend')).toBe(2);
    cluster.lead(second);
    cluster.kill(first);
    await store.append(stream, 0n, [confirmed('2')]);
    expect(second.faults.count('batchAppend')).toBe(1);
    expect(await streamOf(store, stream)).toHaveLength(2);
  });
});

describe('nobody there', () => {
  test.each([
    ['one node', 'esdb://127.0.0.1:9?tls=false'],
    ['seeds', 'esdb://127.0.0.1:9,127.0.0.1:10?tls=false'],
    ['discovery', 'esdb+discover://127.0.0.1:9?tls=false'],
    ['a name that is none', 'esdb://no-such-host.invalid?tls=false'],
  ])('%s: opening fails at the deadline, with the cause', async (_, url) => {
    const { error, ms } = await timed(() => nodes.open(url));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect((error as Error).cause).toBeInstanceOf(Error);
    expect(ms).toBeLessThan(BOUND_MS);
  });

  test('seeds that hang do not hold it up longer', async () => {
    const seeds = [await nodes.serve(), await nodes.serve()];
    for (const seed of seeds) seed.faults.plan('gossip', { before: 'hang' }, 100);
    const url = `esdb://127.0.0.1:${seeds[0]!.port},127.0.0.1:${seeds[1]!.port}?tls=false`;
    const bare = nodes.bareClient(`${url}&maxDiscoverAttempts=1&gossipTimeout=1&defaultDeadline=${DEADLINE_MS}`);
    const never = bare.getStreamMetadata('order-1').catch((cause: unknown) => cause);
    expect(await after(2 * DEADLINE_MS, never)).toBe('pending'); // the client itself waits
    expect((await timed(() => nodes.open(url))).ms).toBeLessThan(BOUND_MS);
    await never;
  });

  test('a call that fails while another looks for a node in vain does not end the process', async () => {
    const unhandled: unknown[] = [];
    const note = (cause: unknown) => void unhandled.push(cause);
    process.on('unhandledRejection', note);
    const cluster = await nodes.cluster(log, 2);
    const store = await nodes.open(cluster.url('&discoveryInterval=200'));
    const [leader] = cluster.nodes;
    for (const node of cluster.nodes) node.faults.plan('gossip', { before: 'refuse' }, 100);
    for (const delayMs of [10, 100]) leader!.faults.plan('batchAppend', { before: 'refuse', delayMs });
    const calls = [1, 2].map((n) => store.append(`order-${n}`, 'no-stream', [confirmed('1')]));
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ reason: { name: 'StoreUnavailable' } });
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  test('a cluster that is gone for a while is found again', async () => {
    const cluster = await nodes.cluster(log, 2);
    const store = await nodes.open(cluster.url(), { deadlineMs: 3_000 });
    for (const node of cluster.nodes) cluster.kill(node);
    setTimeout(() => void cluster.revive(cluster.nodes[0]!), 400);
    await expect(store.append(anyStream(), 'no-stream', [confirmed('1')])).resolves.toMatchObject({ repeated: false });
  });

  test('a store that was opened goes on when its node is back', async () => {
    const server = await nodes.serve({ log });
    const store = await nodes.open(server.url(), { deadlineMs: 3_000 });
    server.stop();
    setTimeout(() => void server.start(), 300);
    await expect(store.append(anyStream(), 'no-stream', [confirmed('1')])).resolves.toMatchObject({ revision: 0n });
  });
});

test('a process that closes its log ends by itself, with a subscription and a read half way', async () => {
  const server = await nodes.serve({ log });
  const store = await EventStoreDbEventStore.open({ url: server.url(), clock });
  for (let n = 0; n < 100; n++) await store.append(anyStream(), 'no-stream', [confirmed(`${n}`)]);
  await store.close();
  const main = join(import.meta.dirname, 'eventstoredb-process.main.ts');
  const child = spawn(process.execPath, ['--import', './scripts/typescript.mjs', main, server.url()], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = once(child, 'exit');
  expect(await after(8_000, exited)).toEqual([0, null]);
  child.kill('SIGKILL');
}, 20_000);

test('a process that closes its log while a node is looked for ends by itself, whoever is found later', async () => {
  const { nodes: members, url } = await nodes.cluster(log, 2);
  const main = join(import.meta.dirname, 'eventstoredb-closing.main.ts');
  const child = fork(main, [url('&discoveryInterval=0')], { execArgv: ['--import', './scripts/typescript.mjs'] });
  const exited = once(child, 'exit');
  await once(child, 'message');
  members[0]!.stop();
  await members[0]!.start();
  for (const { faults } of members) {
    faults.plan('gossip', { before: 'refuse', delayMs: 150 });
    faults.plan('gossip', { delayMs: 400 }, 2);
  }
  const closed = once(child, 'message');
  child.send('append');
  expect(await after(8_000, closed)).toEqual(['rejected', undefined]);
  const ended = await after(6_000, exited);
  child.kill('SIGKILL');
  expect(ended).toEqual([0, null]);
}, 30_000);
