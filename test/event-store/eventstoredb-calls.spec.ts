/** Calls and appends over a connection of the tests', where the order of things matters that no server shows. */
import { EventEmitter } from 'node:events';
import { expect, jest, test } from '@jest/globals';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';
import { AppendCalls } from '../../src/infrastructure/event-store/eventstoredb/append-calls.js';
import { Calls } from '../../src/infrastructure/event-store/eventstoredb/calls.js';
import type { Connection } from '../../src/infrastructure/event-store/eventstoredb/connection.js';
import { NoAnswer } from '../../src/infrastructure/event-store/eventstoredb/errors.js';
import { appendRequest } from '../../src/infrastructure/event-store/eventstoredb/stored-event.js';

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const [ABORTED, UNAVAILABLE] = [10, 14];
const request = appendRequest('order-1', 'no-stream', [], '2026-01-01T00:00:00.000Z');
const connectionOf = (batchAppend: () => Promise<unknown>) => ({ batchAppend }) as unknown as Connection;
const silentCall = () => Object.assign(new EventEmitter(), { write: jest.fn(), cancel: jest.fn(), end: jest.fn() });

test.each([ABORTED, UNAVAILABLE])(
  'an append that fails with code %i is tried again, with pauses, also once the log is closed',
  async (code) => {
    let tries = 0;
    const connection = connectionOf(() => {
      tries++;
      return Promise.reject(Object.assign(new Error('no node'), { code }));
    });
    const calls = new Calls(connection, 300, AbortSignal.abort(), () => undefined);
    await expect(calls.append(request, performance.now() + 300, 'order-1')).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: 'Append to order-1 failed: no node',
    });
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(30);
  },
);

test('the server is looked at after the call was opened, and nothing is sent before', async () => {
  const order: string[] = [];
  const call = silentCall();
  call.write.mockImplementation(() => void order.push('sent'));
  const open = () => {
    order.push('opened');
    return Promise.resolve(call);
  };
  const verify = async () => {
    await Promise.resolve();
    order.push('looked at');
  };
  const appends = new AppendCalls(connectionOf(open), 1_000, verify);
  await expect(appends.append(request, 20)).rejects.toThrow(NoAnswer);
  expect(order).toEqual(['opened', 'looked at', 'sent']);
});

test('a call whose server is refused is cancelled, and the next append opens another', async () => {
  const calls = [silentCall(), silentCall()];
  const opened = calls.values();
  let refuses = true;
  const verify = () => (refuses ? Promise.reject(new StoreUnavailable('another log')) : Promise.resolve());
  const appends = new AppendCalls(
    connectionOf(() => Promise.resolve(opened.next().value)),
    1_000,
    verify,
  );
  await expect(appends.append(request, 1_000)).rejects.toThrow('another log');
  expect(calls[0]?.cancel).toHaveBeenCalledTimes(1);
  refuses = false;
  await expect(appends.append(request, 20)).rejects.toThrow(NoAnswer);
  expect([calls[0]?.write.mock.calls.length, calls[1]?.write.mock.calls.length]).toEqual([0, 1]);
  expect(calls[1]?.cancel).toHaveBeenCalledTimes(1); // it was not answered: let go of, with nothing under way
});

test('who waits for a call that another began to open is not given up with him', async () => {
  const call = silentCall();
  let opened = 0;
  const open = () => (opened++ === 0 ? Promise.reject(new NoAnswer('nobody there')) : Promise.resolve(call));
  const appends = new AppendCalls(connectionOf(open), 1_000, () => Promise.resolve());
  const waiting = [appends.current(1_000), appends.current(1_000)];
  await expect(Promise.all(waiting)).resolves.toHaveLength(2);
  expect(opened).toBe(2); // once in vain, and once for both
});

test('for whom there is no time left, no call is opened', async () => {
  const open = jest.fn(() => Promise.reject(new StoreUnavailable('nobody would hear of it')));
  const appends = new AppendCalls(connectionOf(open), 1_000, () => Promise.resolve());
  await expect(appends.current(0)).rejects.toThrow(NoAnswer);
  expect(open).not.toHaveBeenCalled();
});
