import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  ConcurrencyConflict,
  InvalidAppend,
  StoreUnavailable,
  type EventStore,
} from '../../src/application/ports/event-store.js';
import { ViewStoreUnavailable, type ViewStore } from '../../src/application/ports/view-store.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { catalogView } from '../../src/projections/catalog.view.js';
import { projections } from '../../src/projections/index.js';
import { ordersView } from '../../src/projections/orders.view.js';
import { paymentsView } from '../../src/projections/payments.view.js';
import { salesView } from '../../src/projections/sales.view.js';
import { stockView } from '../../src/projections/stock.view.js';
import { openTestApi, type TestApi } from './api-harness.js';

/** Set to make every call of that store fail. */
let logFails: Error | undefined;
let viewsFail: Error | undefined;
/** Called whenever the views are asked for something. */
let onViewsAsked: () => void;
let api: TestApi;

beforeEach(async () => {
  logFails = viewsFail = undefined;
  onViewsAsked = () => undefined;
  const clock = { now: () => Date.now() };
  api = await openTestApi({
    store: failing<EventStore>(new MemoryEventStore({ clock }), () => logFails),
    views: failing<ViewStore>(new MemoryViewStore(clock), () => {
      onViewsAsked();
      return viewsFail;
    }),
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
  ])('whose append fails with %s', async (error, status, code, retryAfter, retryable) => {
    logFails = error;
    const lines = [{ kind: 'charge', sku: 'POST', quantity: 1, unitPrice: '1' }];
    const answer = await api.post('/v1/orders', { currency: 'GBP', lines });
    expect(answer.json).toMatchObject({ status, code, retryable });
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(answer.text).not.toContain(error.message);
  });

  test('that loses every race for ten seconds is 409, and may be sent again', async () => {
    const realNow = performance.now.bind(performance);
    let passedMs = 0;
    const now = jest.spyOn(performance, 'now').mockImplementation(() => realNow() + (passedMs += 1_000));
    logFails = new ConcurrencyConflict('order-x', 3n);
    const lines = [{ kind: 'charge', sku: 'POST', quantity: 1, unitPrice: '1' }];
    const answer = await api.post('/v1/orders', { currency: 'GBP', lines });
    now.mockRestore();
    expect(answer.json).toMatchObject({ status: 409, code: 'concurrency-conflict', retryable: true });
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.text).not.toContain('order-x');
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
      {
        status: 'ready',
        checks: { log: 'ok', views: 'ok', process: 'ok' },
        // What a test projects, it holds the leases of.
        projector: expect.stringMatching(/^nobody does: provider-events@1, .*payment-requests@1, .*running\?$/),
      },
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

  test('is not ready while any view has not been built, of which queries are refused', async () => {
    const unbuilt = await openTestApi();
    const ready = async () => {
      const { status, json } = await unbuilt.get('/health/ready');
      return [status, (json['checks'] as { views: string }).views];
    };
    const queries = ['/v1/products', '/v1/stock', '/v1/orders', '/v1/payments', '/v1/sales/total'];
    const refusedBy = async () => {
      const answers = await Promise.all(queries.map((path) => unbuilt.get(path)));
      return answers.filter(({ json }) => json['code'] === 'view-not-ready').map(({ json }) => String(json['view']));
    };

    expect([await refusedBy(), await ready()]).toEqual([[], [200, 'ok']]);
    await unbuilt.post('/v1/stock/MUG/main/receive', { quantity: 1 });
    const all = ['catalog', 'stock', 'orders', 'payments', 'sales'];
    const named = `not built yet: ${projections.map(({ name }) => name).join(', ')}; is the projector running?`;
    expect([await refusedBy(), await ready()]).toEqual([all, [503, named]]);
    await unbuilt.project();
    expect([await refusedBy(), await ready()]).toEqual([[], [200, 'ok']]);
    for (const view of [catalogView, stockView, ordersView, paymentsView, salesView]) {
      await unbuilt.views.drop(view.name, view.version);
      const state = [503, `not built yet: ${view.name}; is the projector running?`];
      expect([await refusedBy(), await ready()]).toEqual([[view.name], state]);
      await unbuilt.project();
    }
    await unbuilt.close();
  });
});

describe('stopping', () => {
  test('finishes what is under way, takes nothing new, and lets go of the port', async () => {
    const url = await api.api.listen(0, '127.0.0.1');
    const server = api.api.app.getHttpServer();
    const cut = jest.spyOn(server, 'closeAllConnections');
    const written = await receive();
    const underWay = new Promise<void>((resolve) => (onViewsAsked = resolve));
    const path = `/v1/stock/MUG/main?minPosition=${String(written.headers['ledger-position'])}`;
    const slow = fetch(`${url}${path}`, { headers: { prefer: 'wait=30' } });
    await underWay;
    const stopped = api.api.stop();
    while (await isServed(`${url}/v1/stock`)) await new Promise((resolve) => setImmediate(resolve));
    await api.project();
    const answer = await slow;
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ onHand: 2 })]);
    await stopped;
    expect(cut).not.toHaveBeenCalled();
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });
});

/** Whether a new request still gets an answer. */
const isServed = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );
