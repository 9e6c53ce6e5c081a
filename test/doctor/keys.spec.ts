import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { runCustomer, type AskedOfCustomer } from '../../src/application/customer/run-customer.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { keyStoreOf, openEventStore } from '../../src/infrastructure/engines.js';
import { temporaryFolders } from '../temporary-folders.js';
import { diagnose } from './doctor.js';

const temporaryFolder = temporaryFolders();
let folder: string;
let env: { LEDGER_DATA: string; LEDGER_MASTER_KEY?: string };
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  env = { LEDGER_DATA: folder };
  file = join(folder, 'keys.sqlite');
});

const register = (customerId: string): AskedOfCustomer => ({
  type: 'RegisterCustomer',
  data: { customerId, personal: { name: 'Ada Planted' } },
});
const erase = (customerId: string): AskedOfCustomer => ({
  type: 'EraseCustomer',
  data: { customerId, reason: 'objection' },
});

/** `keepsKeys`: an erasure is cut short before its key is destroyed. */
async function run(commands: readonly AskedOfCustomer[], keepsKeys = false): Promise<void> {
  const store = await openEventStore(readConfig(env), 'read-write');
  const keys = keyStoreOf(readConfig(env));
  if (keepsKeys) keys.erase = () => Promise.resolve();
  const writer = new StreamWriter(store);
  for (const [index, asked] of commands.entries()) {
    const context = { commandId: `${index}`, principal: 'test', occurredAt: '2026-03-01T12:00:00.000Z' };
    await runCustomer(writer, keys, asked, context);
  }
  await keys.close();
  await store.close();
}
const examined = async (check: string) => (await diagnose(env, '--deep')).finding('keys', check);

test('keys that are all there are well, and are not touched', async () => {
  await run([register('cus_1'), register('cus_2'), erase('cus_2')]);
  const before = readFileSync(file);
  const diagnosis = await diagnose(env, '--deep');
  expect(diagnosis.finding('keys', 'file')).toMatchObject({ verdict: 'ok' });
  expect(diagnosis.finding('keys', 'keys')).toMatchObject({ verdict: 'ok', found: '1 held, 1 destroyed' });
  expect(diagnosis.finding('keys', 'customers')).toMatchObject({ verdict: 'ok' });
  expect(diagnosis.finding('keys', 'erasures')).toMatchObject({ verdict: 'ok', found: '1 carried out' });
  expect(readFileSync(file).equals(before)).toBe(true);
  expect((await diagnose(env)).finding('keys', 'customers')).toBeUndefined();
});

test('a ledger without customers has no keys, and misses none', async () => {
  await run([]);
  expect((await diagnose(env, '--deep')).sections.map(({ name }) => name)).not.toContain('keys');
  expect(readdirSync(folder)).not.toContain('keys.sqlite');
});

test('rights that let others in are a failure', async () => {
  await run([register('cus_1')]);
  chmodSync(file, 0o640);
  expect(await examined('file')).toMatchObject({ verdict: 'fail', todo: `chmod 600 ${file}` });
});

test('a customer without a key is named', async () => {
  await run([register('cus_1'), register('cus_2'), erase('cus_2')]);
  rmSync(file);
  expect(await examined('customers')).toMatchObject({
    verdict: 'fail',
    found: '1 without a key: customer-cus_1',
  });
});

test('an erasure that was cut short is named', async () => {
  await run([register('cus_1'), erase('cus_1')], true);
  expect(await examined('erasures')).toMatchObject({
    verdict: 'fail',
    found: '1 recorded, and their keys still there: customer-cus_1',
  });
});

test('a file that is none of ours is said to be', async () => {
  await run([]);
  writeFileSync(file, 'nothing that SQLite could read, whatever it tries '.repeat(30), { mode: 0o600 });
  expect(await examined('format')).toMatchObject({ verdict: 'fail' });
});

test('says whether the keys are under the master key that is set, and shows nothing of it', async () => {
  const [ours, theirs] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string];
  const said = async (LEDGER_MASTER_KEY: string) => {
    env = { LEDGER_DATA: folder, LEDGER_MASTER_KEY };
    const finding = await examined('master key');
    expect(JSON.stringify(finding)).not.toContain(LEDGER_MASTER_KEY || 'no such key');
    return finding;
  };
  await run([register('cus_1')]);
  expect(await said('')).toMatchObject({ verdict: 'ok', found: expect.stringMatching(/^none/) });
  expect(await said(ours)).toMatchObject({ verdict: 'fail', found: expect.stringMatching(/not under it yet/) });
  const keys = keyStoreOf(readConfig({ LEDGER_DATA: folder }));
  await keys.rewrap(Buffer.from(ours, 'base64'));
  await keys.close();
  expect(await said(ours)).toMatchObject({ verdict: 'ok' });
  expect(await said(theirs)).toMatchObject({ verdict: 'fail', found: expect.stringMatching(/^another/) });
  expect(await said('')).toMatchObject({ verdict: 'fail', found: expect.stringMatching(/^not set/) });
});
