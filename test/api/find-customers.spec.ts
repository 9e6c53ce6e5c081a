/** Lists of customers, looking one up by e-mail, and the erasures that are looked after meanwhile. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { finishErasures, keepFinishingErasures } from '../../src/application/customer/finish-erasures.js';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { KeyStoreUnavailable } from '../../src/application/ports/key-store.js';
import { MemoryKeyStore } from '../../src/infrastructure/keys/memory-key-store.js';
import { openTestApi, type TestApi } from './api-harness.js';

/** The key store, out of order for as long as a test wants. */
class MoodyKeys extends MemoryKeyStore {
  isDown = false;
  override erase(subject: string): Promise<void> {
    return this.isDown ? Promise.reject(new KeyStoreUnavailable('down')) : super.erase(subject);
  }
  override whoHas(text: string): Promise<readonly string[]> {
    return this.isDown ? Promise.reject(new KeyStoreUnavailable('down')) : super.whoHas(text);
  }
}

const PLANTED = /Planted|planted/;
const CUS = { customerId: 'cus_1', name: 'Ada Planted', email: 'ada@planted.example' };

let api: TestApi;
let keys: MoodyKeys;
beforeEach(async () => {
  keys = new MoodyKeys();
  api = await openTestApi({ keys });
});
afterEach(() => api.close());

const erase = () => api.post('/v1/customers/cus_1/erase', { reason: 'consent-withdrawn' });
const everythingIn = async (store: EventStore): Promise<string> => {
  let text = '';
  for await (const { events } of store.readAll()) {
    text += JSON.stringify(events, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
  }
  return text;
};

describe('many customers', () => {
  const ids = (answer: Awaited<ReturnType<typeof api.get>>) =>
    (answer.json['data'] as { id: string }[]).map(({ id }) => id);

  test('are listed in pages, the latest first, with what only they may know', async () => {
    for (const n of [1, 2, 3]) {
      api.clock.set(`2026-03-0${n}T12:00:00.000Z`);
      await api.post('/v1/customers', { customerId: `cus_${n}`, name: `Planted ${n}` });
    }
    await erase();
    await api.project();
    const first = await api.get('/v1/customers?limit=2');
    expect(first.headers['cache-control']).toBe('no-store');
    expect(ids(first)).toEqual(['cus_3', 'cus_2']);
    expect(first.json['data']).toMatchObject([{ name: 'Planted 3' }, { name: 'Planted 2' }]);
    const rest = await api.get(`/v1/customers?limit=2&cursor=${String(first.json['nextCursor'])}`);
    expect(rest.json).toMatchObject({ hasMore: false, data: [{ id: 'cus_1', erased: true }] });
    expect(rest.text).not.toMatch(PLANTED);
  });

  const byEmail = (email: string) => api.post('/v1/customers/find-by-email', { email });

  test('are found by their e-mail address in any case, all that share it, and by no other', async () => {
    await api.post('/v1/customers', { customerId: 'cus_1', email: 'Ada@Planted.example' });
    await api.post('/v1/customers', { customerId: 'cus_2', email: 'ada@planted.example', name: 'Planted' });
    await api.post('/v1/customers', { customerId: 'cus_3', email: 'bob@planted.example' });
    await api.project();
    const found = await byEmail('ADA@planted.example');
    expect(found).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(found.json['data']).toMatchObject([
      { id: 'cus_1', email: 'Ada@Planted.example' },
      { id: 'cus_2', email: 'ada@planted.example', name: 'Planted' },
    ]);
    expect(ids(await byEmail('eve@planted.example'))).toEqual([]);
    expect(await everythingIn(api.store)).not.toMatch(PLANTED);
  });

  test('are found by the address that they have now, and not by one that was never taken', async () => {
    await api.post('/v1/customers', CUS);
    await api.post('/v1/customers', { ...CUS, email: 'stranger@planted.example' }); // refused: cus_1 is there
    await api.post('/v1/customers/cus_1/change', { email: 'new@planted.example' });
    await api.project();
    expect(ids(await byEmail('new@planted.example'))).toEqual(['cus_1']);
    for (const email of [CUS.email, 'stranger@planted.example']) expect(ids(await byEmail(email))).toEqual([]);
    await api.post('/v1/customers/cus_1/change', { email: CUS.email });
    await api.project();
    expect(ids(await byEmail(CUS.email))).toEqual(['cus_1']);
  });

  test('are not found any more once they are erased, before any view has heard of it', async () => {
    await api.post('/v1/customers', CUS);
    await api.project();
    expect(ids(await byEmail(CUS.email))).toEqual(['cus_1']);
    await erase();
    expect(ids(await byEmail(CUS.email))).toEqual([]);
  });

  test('are not looked for while the keys are away, or by what is no address', async () => {
    keys.isDown = true;
    expect((await byEmail('ada@planted.example')).json['code']).toBe('keys-unavailable');
    keys.isDown = false;
    const { status, text } = await byEmail('planted');
    expect(status).toBe(400);
    expect(text).not.toMatch(PLANTED);
  });
});

describe('looking after erasures', () => {
  const everyRead = () => {
    const asked: unknown[] = [];
    const store = new Proxy(api.store, {
      get: (target, name) =>
        name === 'readAll'
          ? (query: Parameters<typeof target.readAll>[0]) => {
              asked.push(query?.after);
              return target.readAll(query);
            }
          : (Reflect.get(target, name) as (...given: unknown[]) => unknown).bind(target),
    });
    return { store, asked };
  };

  test('reads nothing while nobody has a key, and then only what came since', async () => {
    await api.post('/v1/stock/MUG/main/receive', { quantity: 1 });
    const { store, asked } = everyRead();
    await finishErasures(store, keys);
    expect(asked).toEqual([]);
    const before = await api.store.head();
    await api.post('/v1/customers', CUS);
    await finishErasures(store, keys);
    const after = await api.store.head();
    await finishErasures(store, keys);
    expect(asked).toEqual([before, after]);
  });

  test('goes on by itself, also after it failed, until it is stopped', async () => {
    await api.post('/v1/customers', CUS);
    keys.isDown = true;
    await erase();
    const failures: unknown[] = [];
    const stop = new AbortController();
    const running = keepFinishingErasures(api.store, keys, (cause) => failures.push(cause), stop.signal, 5);
    while (failures.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    keys.isDown = false;
    while ((await keys.find('customer-cus_1')) !== 'erased') await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await running;
    expect(failures[0]).toBeInstanceOf(KeyStoreUnavailable);
  });
});
