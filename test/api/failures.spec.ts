import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ConcurrencyConflict,
  InvalidAppend,
  StoreUnavailable,
  type EventStore,
} from '../../src/application/ports/event-store.js';
import { ViewStoreUnavailable, type ViewStore } from '../../src/application/ports/view-store.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { openTestApi, type TestApi } from './api-harness.js';

/** Set to make every call of that store fail. */
let logFails: Error | undefined;
let viewsFail: Error | undefined;
let api: TestApi;

beforeEach(async () => {
  logFails = viewsFail = undefined;
  const clock = { now: () => Date.now() };
  api = await openTestApi({
    store: failing<EventStore>(new MemoryEventStore({ clock }), () => logFails),
    views: failing<ViewStore>(new MemoryViewStore(clock), () => viewsFail),
  });
  await api.post('/v1/stock/MUG/main/receive', { quantity: 1 });
  await api.project();
});
afterEach(async () => {
  logFails = viewsFail = undefined;
  await api.close();
});

/** A store whose calls reject, or whose iterations throw, while `error` gives something. */
function failing<S extends object>(store: S, error: () => Error | undefined): S {
  return new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        const failure = error();
        if (!failure) return Reflect.apply(method, target, args);
        if (!/^(read|subscribe)/.test(String(name))) return Promise.reject(failure);
        return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) };
      };
    },
  });
}

const receive = () => api.post('/v1/stock/MUG/main/receive', { quantity: 1 });

describe('a command', () => {
  test.each([
    [new StoreUnavailable('disk full'), 503, 'log-unavailable', '1', true],
    [new InvalidAppend('1048577 bytes'), 422, 'command-too-large', undefined, false],
    [new ConcurrencyConflict('stock-MUG@main', 3n), 409, 'concurrency-conflict', '1', true],
  ])('whose append fails with %s', async (error, status, code, retryAfter, retryable) => {
    logFails = error;
    const answer = await receive();
    expect(answer.json).toMatchObject({ status, code, retryable });
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(answer.text).not.toContain(error.message);
  });

  test('that meets a defect is 500 with a title only', async () => {
    logFails = new TypeError('secret of /home/somebody');
    const answer = await receive();
    expect(answer.status).toBe(500);
    expect(answer.json).toEqual({
      type: '/problems/internal-error',
      title: 'Internal error',
      status: 500,
      instance: '/v1/stock/MUG/main/receive',
      correlationId: answer.headers['x-correlation-id'],
      code: 'internal-error',
      retryable: false,
    });
  });

  test('can be repeated with the same key once the log is back', async () => {
    const headers = { 'idempotency-key': 'again' };
    logFails = new StoreUnavailable('away');
    expect((await api.post('/v1/stock/MUG/main/receive', { quantity: 1 }, headers)).status).toBe(503);
    logFails = undefined;
    expect((await api.post('/v1/stock/MUG/main/receive', { quantity: 1 }, headers)).status).toBe(200);
  });
});

test('a query is 503 while the views are away', async () => {
  viewsFail = new ViewStoreUnavailable('locked');
  const answer = await api.get('/v1/stock');
  expect(answer.json).toMatchObject({ status: 503, code: 'views-unavailable', retryable: true });
  expect(answer.headers['retry-after']).toBe('1');
});

describe('health', () => {
  test('live asks nobody, ready tells the truth about each', async () => {
    const ready = await api.get('/health/ready');
    expect([ready.status, ready.json]).toEqual([
      200,
      { status: 'ready', checks: { log: 'ok', views: 'ok', process: 'ok' } },
    ]);

    logFails = new StoreUnavailable('disk I/O error');
    const noLog = await api.get('/health/ready');
    expect(noLog.status).toBe(503);
    expect(noLog.json).toMatchObject({
      status: 'unavailable',
      checks: { log: 'StoreUnavailable: disk I/O error', views: 'ok' },
    });

    logFails = undefined;
    viewsFail = new ViewStoreUnavailable('database is locked');
    const noViews = await api.get('/health/ready');
    expect(noViews.status).toBe(503);
    expect(noViews.json).toMatchObject({ checks: { log: 'ok', views: 'ViewStoreUnavailable: database is locked' } });
    expect((await api.get('/health/live')).json).toEqual({ status: 'live' });

    viewsFail = undefined;
    expect((await api.get('/health/ready')).status).toBe(200);
  });
});

describe('stopping', () => {
  test('finishes what is under way, takes nothing new, and lets go of the port', async () => {
    const url = await api.api.listen(0, '127.0.0.1');
    const slow = fetch(`${url}/v1/stock/MUG/main?minPosition=999`, { headers: { prefer: 'wait=1' } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const stopped = api.api.stop();
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    const answer = await slow;
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'view-behind' });
    const answeredAt = performance.now();
    await stopped;
    expect(performance.now() - answeredAt).toBeLessThan(1_000);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });
});
