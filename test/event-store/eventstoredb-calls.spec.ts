import { expect, test } from '@jest/globals';
import { Calls } from '../../src/infrastructure/event-store/eventstoredb/calls.js';
import { appendRequest } from '../../src/infrastructure/event-store/eventstoredb/stored-event.js';
import type { Connection } from '../../src/infrastructure/event-store/eventstoredb/connection.js';

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const [ABORTED, UNAVAILABLE] = [10, 14];

test.each([ABORTED, UNAVAILABLE])(
  'an append that fails with code %i is tried again, with pauses, also once the log is closed',
  async (code) => {
    let tries = 0;
    const batchAppend = () => {
      tries++;
      return Promise.reject(Object.assign(new Error('no node'), { code }));
    };
    const calls = new Calls({ batchAppend } as unknown as Connection, 300, AbortSignal.abort());
    const request = appendRequest('order-1', 'no-stream', [], '2026-01-01T00:00:00.000Z');
    await expect(calls.append(request, performance.now() + 300, 'order-1')).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: 'Append to order-1 failed: no node',
    });
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(30);
  },
);
