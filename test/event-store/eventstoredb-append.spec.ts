/**
 * What the client and the server do to whoever appends, and that the log is not taken in by it. Where a test says
 * "the client itself", its first half shows the trap with the client's own call against the same server, so that the
 * second half cannot pass because the server is too kind. The others, here and in the two files beside it
 * (leader, reading), were each seen to fail with the one line removed from the adapter that they guard.
 */
import { jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InvalidAppend, StoreUnavailable } from '../../src/application/ports/event-store.js';
import { EventLog } from '../eventstoredb-server/event-log.js';
import type { EventStoreDbTestServer } from '../eventstoredb-server/server.js';
import { after, Nodes, timed } from './eventstoredb-nodes.js';
import { anyStream, confirmed, streamOf } from './log-file.js';

const DEADLINE_MS = 300;
/** Far below the default deadline, and enough for a busy machine. */
const BOUND_MS = 2_000;
/** For what is not about time: none of it runs out of it on a busy machine, where opening alone has taken 270 ms. */
const PATIENT_MS = 10_000;

/** How long the adapter waits for calls that do not end. */
const CLOSE_MS = 1_000;

const nodes = new Nodes(DEADLINE_MS);
let server: EventStoreDbTestServer;
beforeEach(async () => {
  server = await nodes.serve();
});
afterEach(() => nodes.end());

const open = (url = server.url()) => nodes.open(url);
const patient = (url = server.url()) => nodes.open(url, { deadlineMs: PATIENT_MS });
const bareClient = () => nodes.bareClient(server.url('&defaultDeadline=300'));
const event = () => jsonEvent({ type: 'OrderConfirmed', data: { orderId: '1' } });

const untilAppends = async (count: number): Promise<void> => {
  while (server.faults.count('batchAppend') < count) await delay(5);
};

describe('one append that fails', () => {
  test('leaves those of other clients in this process alone; the client itself does not', async () => {
    const [a, b] = [bareClient(), bareClient()];
    server.faults.plan('batchAppend', { after: 'hang' });
    const innocent = b.appendToStream(anyStream(), event());
    const settled = innocent.then(
      () => 'written',
      (cause: { type: string }) => cause.type,
    );
    await untilAppends(1);
    server.faults.plan('batchAppend', { after: 'drop' });
    await expect(a.appendToStream(anyStream(), event())).rejects.toMatchObject({ type: 'unavailable' });
    expect(await after(100, settled)).toBe('unavailable'); // the other's failure, though it was written

    const [store, other] = [await open(), await open()];
    server.faults.plan('batchAppend', { delayMs: 100 });
    const before = server.faults.count('batchAppend');
    const undisturbed = other.append(anyStream(), 'no-stream', [confirmed('1')]);
    await untilAppends(before + 1);
    server.faults.plan('batchAppend', { before: 'hang' });
    await expect(store.append(anyStream(), 'no-stream', [confirmed('2')])).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(undisturbed).resolves.toMatchObject({ revision: 0n, repeated: false });
  });

  test('leaves those beside it on the same call alone, though it is given up', async () => {
    const store = await open();
    server.faults.plan('batchAppend', { before: 'hang' });
    server.faults.plan('batchAppend', { delayMs: DEADLINE_MS - 100 });
    const given = timed(() => store.append(anyStream(), 'no-stream', [confirmed('1')]));
    await delay(200);
    const beside = store.append(anyStream(), 'no-stream', [confirmed('2')]);
    expect((await given).error).toBeInstanceOf(StoreUnavailable);
    await expect(beside).resolves.toMatchObject({ revision: 0n, repeated: false });
    await expect(store.append(anyStream(), 'no-stream', [confirmed('3')])).resolves.toMatchObject({ revision: 0n });
    expect(server.faults.count('batchAppend')).toBe(4); // with the log's identity: none was sent twice
  });
});

describe('a server that does not answer', () => {
  test('an append: the deadline ends it; the client itself waits for ever', async () => {
    server.faults.plan('batchAppend', { after: 'hang' });
    expect(await after(2 * DEADLINE_MS, bareClient().appendToStream(anyStream(), event()))).toBe('pending');

    const store = await open();
    const stream = anyStream();
    server.faults.plan('batchAppend', { after: 'hang' });
    const { error, ms } = await timed(() => store.append(stream, 'no-stream', [confirmed('1')]));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect((error as Error).cause).toMatchObject({ name: 'NoAnswer' });
    expect(ms).toBeLessThan(BOUND_MS);
  });

  test('a call that stalls: the next append goes over another', async () => {
    const store = await open();
    server.faults.plan('batchAppend', { before: 'stall' });
    await expect(store.append(anyStream(), 'no-stream', [confirmed('1')])).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.append(anyStream(), 'no-stream', [confirmed('2')])).resolves.toMatchObject({ revision: 0n });
  });

  test('the question what it supports is not asked; the client itself waits for its answer for ever', async () => {
    server.faults.plan('supportedMethods', { before: 'hang' });
    expect(await after(2 * DEADLINE_MS, bareClient().appendToStream(anyStream(), event()))).toBe('pending');

    server.faults.plan('supportedMethods', { before: 'hang' });
    const store = await open();
    await expect(store.append(anyStream(), 'no-stream', [confirmed('1')])).resolves.toMatchObject({ revision: 0n });
    expect([server.faults.count('supportedMethods'), server.faults.count('batchAppend')]).toEqual([1, 2]);
  });

  test('an append in line behind it fails in time, too, and is not sent late', async () => {
    const store = await open();
    const stream = anyStream();
    server.faults.plan('batchAppend', { before: 'hang' });
    const [first, second] = await Promise.all([
      timed(() => store.append(stream, 'no-stream', [confirmed('1')])),
      timed(() => store.append(stream, 0n, [confirmed('2')])),
    ]);
    expect(first.error).toBeInstanceOf(StoreUnavailable);
    expect(second.error).toBeInstanceOf(StoreUnavailable);
    expect(second.ms).toBeLessThan(BOUND_MS);
    expect(await streamOf(await open(), stream)).toEqual([]);
  });

  test('close is quick, though the server has ended the call that appends went over', async () => {
    const store = await open();
    server.faults.plan('batchAppend', { after: 'end' });
    await store.append(anyStream(), 'no-stream', [confirmed('1')]);
    expect((await timed(() => store.close())).ms).toBeLessThan(CLOSE_MS);
  });

  test('close ends as soon as the append under way has its deadline', async () => {
    const store = await open();
    server.faults.plan('batchAppend', { before: 'hang' });
    const appended = timed(() => store.append(anyStream(), 'no-stream', [confirmed('1')]));
    const { ms } = await timed(() => store.close());
    expect((await appended).error).toBeInstanceOf(StoreUnavailable);
    expect(ms).toBeLessThan(BOUND_MS);
  });
});

describe('an unknown outcome', () => {
  test.each([
    ['the answer is lost', { after: 'drop' }],
    ['the call ends without it', { after: 'end' }],
    ['the request is lost', { before: 'refuse' }],
    ['the server is not ready', { before: 'not-ready' }],
    ['the server is busy', { before: 'busy' }],
    ['the cluster elects a leader', { before: 'electing' }],
    ['the cluster did not confirm it in time', { before: 'timeout' }],
  ] as const)('%s: it is sent again as it was, and written once', async (_, fault) => {
    const store = await patient();
    const stream = anyStream();
    server.faults.plan('batchAppend', fault, 2);
    const appended = await store.append(stream, 'no-stream', [confirmed('1'), confirmed('2')]);
    expect(appended).toMatchObject({ revision: 1n, repeated: false });
    expect(await streamOf(store, stream)).toHaveLength(2);
    const ids = server.log.events.filter((stored) => stored.stream === stream).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  test('it is answered twice: the second answer is nobody’s', async () => {
    const store = await patient();
    server.faults.plan('batchAppend', { after: 'twice' }, 3);
    const appends = ['1', '2', '3'].map((id) => store.append(anyStream(), 'no-stream', [confirmed(id)]));
    for (const appended of await Promise.all(appends)) expect(appended).toMatchObject({ revision: 0n });
    await expect(store.append(anyStream(), 'no-stream', [confirmed('4')])).resolves.toMatchObject({ revision: 0n });
  });

  test('of many on one call that the server ends, each is written once', async () => {
    const store = await patient();
    const streams = Array.from({ length: 50 }, () => anyStream());
    server.faults.plan('batchAppend', {}, 20);
    server.faults.plan('batchAppend', { after: 'drop' });
    const appends = streams.map((stream) => store.append(stream, 'no-stream', [confirmed(stream)]));
    for (const appended of await Promise.all(appends))
      expect(appended).toMatchObject({ revision: 0n, repeated: false });
    expect(server.log.events.filter(({ stream }) => streams.includes(stream))).toHaveLength(50);
  });

  test('repeated by its caller, it is recognised: from another process, after the server was killed', async () => {
    const store = await open();
    const stream = anyStream();
    const events = [confirmed('1'), confirmed('2')];
    server.faults.plan('batchAppend', { after: 'die' });
    const lost = await timed(() => store.append(stream, 'no-stream', events));
    expect(lost.error).toBeInstanceOf(StoreUnavailable);
    expect(lost.ms).toBeLessThan(BOUND_MS);
    await server.start();
    const other = await open();
    const again = await other.append(stream, 'no-stream', events);
    const stored = await streamOf(other, stream);
    expect(again).toMatchObject({ revision: 1n, repeated: true, positions: stored.map(({ position }) => position) });
    expect(stored.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    await expect(store.append(stream, 1n, [confirmed('3')])).resolves.toMatchObject({ revision: 2n }); // it reconnects
  });

  test('an append that comes late, after its caller was told so, loses against what was written since', async () => {
    const store = await open();
    const stream = anyStream();
    server.faults.plan('batchAppend', { delayMs: DEADLINE_MS + 100 });
    const events = [confirmed('1')];
    await expect(store.append(stream, 'no-stream', events)).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.append(stream, 'no-stream', events)).resolves.toMatchObject({ repeated: false });
    await delay(200);
    expect(await streamOf(store, stream)).toHaveLength(1);
  });

  test('the same ids with other contents are no success, though the server would say so of the same ids', async () => {
    const bare = bareClient();
    const stream = anyStream();
    const first = confirmed('1');
    const twin = (orderId: string) => jsonEvent({ id: first.id, type: 'OrderConfirmed', data: { orderId } });
    const expecting = { expectedRevision: 'no_stream' } as const;
    await bare.appendToStream('test-1', twin('1'), expecting);
    await expect(bare.appendToStream('test-1', twin('2'), expecting)).resolves.toMatchObject({ success: true });

    const [store, other] = [await patient(), await patient()];
    const outcomes = await Promise.all([
      store.append(stream, 'no-stream', [first]),
      other.append(stream, 'no-stream', [{ ...confirmed('2'), id: first.id }]),
    ]);
    expect(outcomes.map(({ repeated }) => repeated).sort()).toEqual([false, true]);
  });
});

test('appends to one stream are carried out in the order of the calls, though the server takes them as they come', async () => {
  const store = await patient();
  const stream = anyStream();
  server.faults.plan('batchAppend', { delayMs: 50 });
  const sent = [confirmed('1'), confirmed('2'), confirmed('3')].map((each, n) =>
    store.append(stream, n === 0 ? 'no-stream' : BigInt(n - 1), [each]),
  );
  expect((await Promise.all(sent)).map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
});

describe('limits of the server', () => {
  test('an append that a server takes whose limit was lowered is refused as too large, not as unknown', async () => {
    const small = await nodes.serve({ log: new EventLog({ maxAppendBytes: 10_000 }) });
    const store = await patient(small.url());
    const large = store.append(anyStream(), 'no-stream', [confirmed('x'.repeat(10_000))]);
    await expect(large).rejects.toThrow(InvalidAppend);
    await expect(large).rejects.toThrow(/MaxAppendSize.*10000 bytes/);
  });
});

describe('with TLS', () => {
  const pem = readFileSync(join(import.meta.dirname, '..', 'eventstoredb-server', 'localhost.pem'));
  const authorization = `Basic ${Buffer.from('till:p@ss:word').toString('base64')}`;
  const withTls = (needed: string | undefined) =>
    nodes.serve({ tls: { key: pem, certificate: pem, authorization: needed } });
  const urlOf = ({ port }: EventStoreDbTestServer, user = '') =>
    `esdb://${user}localhost:${port}?tlsCAFile=${encodeURIComponent('test/eventstoredb-server/localhost.pem')}`;

  test('every call has the credentials of the URL', async () => {
    const secure = await withTls(authorization);
    const store = await open(urlOf(secure, 'till:p%40ss%3Aword@'));
    const stream = anyStream();
    await store.append(stream, 'no-stream', [confirmed('1')]);
    expect(await streamOf(store, stream)).toHaveLength(1);
  });

  test.each(['', 'till:wrong@'])('others (%j) are told whom the server refuses, not the password', async (user) => {
    const secure = await withTls(authorization);
    const refused = open(urlOf(secure, user));
    await expect(refused).rejects.toThrow(StoreUnavailable);
    await expect(refused).rejects.toThrow(/refuses the user of EVENTSTORE_URL/);
    await expect(refused).rejects.not.toThrow(/wrong/);
  });

  test('who may read and not write is told so for each append, and the others go on', async () => {
    const store = await open();
    server.faults.plan('batchAppend', { before: 'denied' });
    const refused = store.append(anyStream(), 'no-stream', [confirmed('1')]);
    await expect(refused).rejects.toThrow(/refuses the user of EVENTSTORE_URL/);
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.append(anyStream(), 'no-stream', [confirmed('2')])).resolves.toMatchObject({ revision: 0n });
    expect(server.faults.count('batchAppend')).toBe(3); // with the log's identity: none was sent twice
  });

  test('a certificate of somebody else is not trusted', async () => {
    const secure = await withTls(undefined);
    await expect(open(`esdb://localhost:${secure.port}`)).rejects.toThrow(StoreUnavailable);
  });
});
