import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { finishErasures } from '../../src/application/customer/finish-erasures.js';
import { runCustomer, type AskedOfCustomer } from '../../src/application/customer/run-customer.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { SqliteKeyStore } from '../../src/infrastructure/keys/sqlite-key-store.js';
import { temporaryFolders } from '../temporary-folders.js';

const LOADER = new URL('../../scripts/typescript.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./crash.main.ts', import.meta.url));
const temporaryFolder = temporaryFolders();

const STREAM = 'customer-cus_1';
const register: AskedOfCustomer = {
  type: 'RegisterCustomer',
  data: { customerId: 'cus_1', personal: { name: 'Ada Planted', email: 'ada@planted.example' } },
};
const erase: AskedOfCustomer = { type: 'EraseCustomer', data: { customerId: 'cus_1', reason: 'objection' } };

/** @returns the signal that ended it, and what it had printed */
function runUntil(
  moment: 'the-end' | 'before-append' | 'before-key-is-destroyed',
  folder: string,
  asked: AskedOfCustomer,
) {
  const node = ['--disable-warning=ExperimentalWarning', '--import', LOADER, PROGRAM, folder, moment];
  const { signal, stdout, stderr } = spawnSync(process.execPath, [...node, JSON.stringify(asked)], {
    encoding: 'utf8',
  });
  return { signal, printed: stdout + stderr };
}

async function open(folder: string) {
  const store = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock });
  const keys = new SqliteKeyStore(join(folder, 'keys.sqlite'));
  const context = { principal: 'test', occurredAt: '2026-03-01T12:00:00.000Z' };
  return {
    store,
    keys,
    run: (asked: AskedOfCustomer) =>
      runCustomer(new StreamWriter(store), keys, asked, { ...context, commandId: asked.type }),
    types: async () => {
      const types: string[] = [];
      for await (const batch of store.readStream(STREAM)) types.push(...batch.map(({ type }) => type));
      return types;
    },
    [Symbol.asyncDispose]: async () => {
      await keys.close();
      await store.close();
    },
  };
}

test('killed between the key and the registration: the repeated request goes on with the same key', async () => {
  const folder = temporaryFolder();
  expect(runUntil('before-append', folder, register)).toEqual({ signal: 'SIGKILL', printed: '' });
  await using ledger = await open(folder);
  const key = await ledger.keys.find(STREAM);
  expect(key).toMatchObject({ version: 1 });
  expect(await ledger.types()).toEqual([]);
  await ledger.run(register);
  expect(await ledger.types()).toEqual(['CustomerRegistered']);
  expect(await ledger.keys.find(STREAM)).toEqual(key);
});

test('killed between the erasure and its key: the next start destroys it, and no file holds it', async () => {
  const folder = temporaryFolder();
  expect(runUntil('the-end', folder, register)).toEqual({ signal: null, printed: '' });
  expect(runUntil('before-key-is-destroyed', folder, erase)).toEqual({ signal: 'SIGKILL', printed: '' });
  const filesWith = (needle: Buffer | string) =>
    readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(needle));
  await using ledger = await open(folder);
  const key = await ledger.keys.find(STREAM);
  if (key === undefined || key === 'erased') throw new Error('the key should still be there');
  expect(filesWith(key.secret)).toEqual(['keys.sqlite']);
  expect(await ledger.types()).toEqual(['CustomerRegistered', 'CustomerErased']);

  await finishErasures(ledger.store, ledger.keys);
  expect(await ledger.keys.find(STREAM)).toBe('erased');
  expect(filesWith(key.secret)).toEqual([]);
  for (const planted of ['Planted', 'planted']) expect(filesWith(planted)).toEqual([]);
  expect(await ledger.run(erase)).toMatchObject({ revision: 1n, replayed: true });
});
