import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KeyStoreUnavailable } from '../../src/application/ports/key-store.js';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { commandHash } from '../../src/application/command-hash.js';
import { finishErasures } from '../../src/application/customer/finish-erasures.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { MemoryKeyStore } from '../../src/infrastructure/keys/memory-key-store.js';
import { customersView } from '../../src/projections/customers.view.js';
import { openTestApi, type TestApi } from './api-harness.js';

/** The key store, out of order for as long as a test wants. */
class MoodyKeys extends MemoryKeyStore {
  isDown = false;
  override erase(subject: string): Promise<void> {
    return this.isDown ? Promise.reject(new KeyStoreUnavailable('down')) : super.erase(subject);
  }
}

const ADDRESS = { line1: '12 Secret Lane', city: 'Hiddenham', country: 'United Kingdom' };
const ADA = { name: 'Ada Planted', email: 'ada@planted.example', phone: '+44 1904 5550101', addresses: [ADDRESS] };
const PLANTED = /Planted|planted|5550101|Secret|Hiddenham/;
const CUS = { customerId: 'cus_1', ...ADA, country: 'France', language: 'fr', segment: 'wholesale' };

let api: TestApi;
let keys: MoodyKeys;
beforeEach(async () => {
  keys = new MoodyKeys();
  api = await openTestApi({ keys });
});
afterEach(() => api.close());

const shown = async (id = 'cus_1') => {
  await api.project();
  return (await api.get(`/v1/customers/${id}`)).json;
};
const everythingIn = async (store: EventStore): Promise<string> => {
  let text = '';
  for await (const { events } of store.readAll()) {
    text += JSON.stringify(events, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
  }
  return text;
};

describe('a customer', () => {
  test('is registered, read in the clear, and sealed in log and view', async () => {
    const answer = await api.post('/v1/customers', CUS);
    expect(answer).toMatchObject({ status: 201, json: { id: 'cus_1', stream: 'customer-cus_1', revision: '0' } });
    expect(await shown()).toMatchObject({
      id: 'cus_1',
      erased: false,
      ...ADA,
      country: 'France',
      segment: 'wholesale',
    });
    const read = await api.get('/v1/customers/cus_1');
    expect(read.headers['cache-control']).toBe('no-store');
    expect(await everythingIn(api.store)).not.toMatch(PLANTED);
    expect(JSON.stringify((await api.views.get(customersView, 'cus_1'))!.personal)).not.toMatch(PLANTED);
  });

  test('without an id of its own gets one of its Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'first' };
    const { json, headers } = await api.post('/v1/customers', { name: 'Ada Planted' }, key);
    expect(json['id']).toMatch(/^cus_/);
    expect(headers['location']).toBe(`/v1/customers/${String(json['id'])}`);
    const again = await api.post('/v1/customers', { name: 'Ada Planted' }, key);
    expect(again).toMatchObject({ status: 201, headers: { 'idempotent-replayed': 'true' }, json });
    expect((await api.post('/v1/customers', { name: 'Bob' }, key)).json).toMatchObject({
      code: 'idempotency-key-reused',
    });
  });

  test('is changed field by field, at the revision that was read', async () => {
    await api.post('/v1/customers', CUS);
    const change = {
      email: 'new@planted.example',
      segment: 'retail',
      clear: [{ field: 'phone' }, { field: 'language' }],
    };
    const stale = await api.post('/v1/customers/cus_1/change', change, { 'if-match': '"7"' });
    expect(stale.status).toBe(412);
    expect((await api.post('/v1/customers/cus_1/change', change, { 'if-match': '"0"' })).status).toBe(200);
    const after = await shown();
    expect(after).toMatchObject({ name: ADA.name, email: 'new@planted.example', segment: 'retail', revision: '1' });
    expect('phone' in after || 'language' in after).toBe(false);
    expect((await api.post('/v1/customers/cus_1/change', {})).json['code']).toBe('customer-change-empty');
    const both = await api.post('/v1/customers/cus_1/change', { phone: '1', clear: [{ field: 'phone' }] });
    expect(both.json).toMatchObject({ status: 422, code: 'customer-field-repeated', field: 'phone' });
  });

  test('that is not there is nobody, and nobody gets a key', async () => {
    expect((await api.post('/v1/customers/cus_9/change', { name: 'Eve' })).json['code']).toBe('customer-unknown');
    expect((await api.post('/v1/customers/cus_9/erase', { reason: 'objection' })).json['code']).toBe(
      'customer-unknown',
    );
    expect(await keys.find('customer-cus_9')).toBeUndefined();
    await api.project();
    expect((await api.get('/v1/customers/cus_9')).status).toBe(404);
  });

  test.each([
    [{ email: 'no address' }, '/email'],
    [{ name: '' }, '/name'],
    [{ language: 'French' }, '/language'],
    [{ addresses: [{ city: 'York' }] }, '/addresses/0/line1'],
    [{ customerId: 'ada@planted.example' }, '/customerId'],
  ])('%j is refused, and not repeated in the answer', async (body, pointer) => {
    const { status, json, text } = await api.post('/v1/customers', body);
    expect([status, json['code']]).toEqual([400, 'request-invalid']);
    expect((json['errors'] as { pointer: string }[]).map((error) => error.pointer)).toContain(pointer);
    expect(text).not.toMatch(PLANTED);
  });
});

describe('erasing', () => {
  const erase = (headers = {}) => api.post('/v1/customers/cus_1/erase', { reason: 'consent-withdrawn' }, headers);

  test('destroys the key, empties the view, and leaves what figures are counted by', async () => {
    await api.post('/v1/customers', CUS);
    await api.project();
    expect((await erase()).status).toBe(200);
    expect(await keys.find('customer-cus_1')).toBe('erased');
    // The view has not heard of it yet.
    const early = await api.get('/v1/customers/cus_1');
    expect(early.json).toMatchObject({ erased: true });
    expect(early.text).not.toMatch(PLANTED);
    const late = await shown();
    expect(late).toMatchObject({ erased: true, erasureReason: 'consent-withdrawn', country: 'France' });
    expect(JSON.stringify(late)).not.toMatch(PLANTED);
    expect((await api.views.get(customersView, 'cus_1'))!.personal).toEqual({});
  });

  test('is done once however often it is asked, and nothing follows', async () => {
    await api.post('/v1/customers', CUS, { 'idempotency-key': 'register' });
    const first = await erase({ 'idempotency-key': 'erase' });
    const again = await erase({ 'idempotency-key': 'erase' });
    expect(again.json).toEqual(first.json);
    expect((await erase()).json).toMatchObject({ revision: '1' });
    for (const [path, body, key] of [
      ['/v1/customers/cus_1/change', { name: 'Ada' }, 'change'],
      ['/v1/customers', CUS, 'register'],
      ['/v1/customers', CUS, 'register-again'],
    ] as const) {
      const answer = await api.post(path, body, { 'idempotency-key': key });
      expect([answer.status, answer.json['code']]).toEqual([409, 'customer-erased']);
    }
  });

  test('that could not reach the keys says so, and is completed by its repetition', async () => {
    await api.post('/v1/customers', CUS);
    keys.isDown = true;
    const answer = await erase({ 'idempotency-key': 'erase' });
    expect([answer.status, answer.json['code']]).toEqual([503, 'keys-unavailable']);
    keys.isDown = false;
    expect(await keys.find('customer-cus_1')).not.toBe('erased');
    expect((await erase({ 'idempotency-key': 'erase' })).status).toBe(200);
    expect(await keys.find('customer-cus_1')).toBe('erased');
  });

  test('that nobody repeats is finished at the next start, also with keys from an older backup', async () => {
    await api.post('/v1/customers', CUS);
    await api.post('/v1/customers', { customerId: 'cus_2', name: 'Bob Planted' });
    keys.isDown = true;
    await erase();
    keys.isDown = false;
    await finishErasures(api.store, keys);
    expect(await keys.find('customer-cus_1')).toBe('erased');
    expect(await keys.find('customer-cus_2')).toMatchObject({ version: 1 });
    expect(await keys.progress(await api.store.identity())).toBe(await api.store.head());
    const backup = new MemoryKeyStore();
    await backup.obtain('customer-cus_1');
    await finishErasures(api.store, backup);
    expect(await backup.find('customer-cus_1')).toBe('erased');
  });
});

test('a stored hash tells nobody without the key what was asked', async () => {
  await api.post('/v1/customers', CUS);
  const text = await everythingIn(api.store);
  const { customerId, country, language, segment, ...personal } = CUS;
  const open = { customerId, country, language, segment };
  for (const guess of [
    { ...open, ...personal },
    { ...open, personal },
  ]) {
    expect(text).not.toContain(commandHash({ type: 'RegisterCustomer', data: guess }));
  }
});

test('a lost key is an error that says what to do, and no second key hides it', async () => {
  const store = new MemoryEventStore({ clock: systemClock });
  const before = await openTestApi({ store });
  await before.post('/v1/customers', CUS);
  await before.project();
  const after = await openTestApi({ store, views: before.views });
  expect((await after.get('/v1/customers/cus_1')).json).toMatchObject({
    status: 500,
    code: 'personal-data-unreadable',
  });
  for (const [path, body] of [
    ['/v1/customers/cus_1/change', { name: 'Ada' }],
    ['/v1/customers', CUS],
  ] as const) {
    expect((await after.post(path, body)).json['code']).toBe('personal-data-unreadable');
  }
  expect((await after.post('/v1/customers/cus_1/erase', { reason: 'objection' })).status).toBe(200);
  await after.api.stop();
  await before.close();
});
