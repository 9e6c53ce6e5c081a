import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KeyStoreUnavailable } from '../../src/application/ports/key-store.js';
import { IncompatibleKeyFile } from '../../src/infrastructure/keys/key-file.js';
import { SqliteKeyStore } from '../../src/infrastructure/keys/sqlite-key-store.js';
import { describeKeyStore } from '../contracts/key-store.contract.js';

let folder: string;
const files = new Map<object, string>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (): string => join(mkdtempSync(join(folder, 'store-')), 'keys.sqlite');
const open = (file = fileOf()): SqliteKeyStore => {
  const store = new SqliteKeyStore(file);
  files.set(store, file);
  return store;
};

describeKeyStore('SqliteKeyStore', open, (store) => open(files.get(store)));

test('makes its file with the first key, for its owner alone', async () => {
  const file = fileOf();
  const store = open(file);
  expect(await store.find('a-1')).toBeUndefined();
  expect(await store.progress('log')).toBe('no-keys');
  expect(await store.whoHas('a@b')).toEqual([]);
  await store.carriedOut({ log: 'log', position: 7n });
  expect(existsSync(file)).toBe(false);
  await store.obtain('a-1');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await store.progress('log')).toBe(7n);
  await store.close();
});

test('leaves no byte of a key that was destroyed in any file, however the table grew', async () => {
  const file = fileOf();
  const store = open(file);
  const subjects = Array.from(
    { length: 150 },
    () => `customer-${randomUUID().slice(0, 1 + Math.random() * 35)}-${randomUUID()}`,
  );
  const secrets: Buffer[] = [];
  for (const subject of subjects) secrets.push((await store.obtain(subject)).secret);
  const holding = (): number[] => {
    const all = readdirSync(join(file, '..')).map((name) => readFileSync(join(file, '..', name)));
    return secrets.flatMap((secret, index) => (all.some((bytes) => bytes.includes(secret)) ? [index] : []));
  };
  expect(holding()).toHaveLength(150); // or the search below would find nothing anyway
  for (const [index, subject] of subjects.entries()) if (index % 3 !== 0) await store.erase(subject);
  expect(holding()).toEqual(subjects.flatMap((_, index) => (index % 3 === 0 ? [index] : [])));
  expect(readdirSync(join(file, '..'))).toEqual(['keys.sqlite']);
  await store.close();
}, 60_000);

test('touches no file that is another’s', async () => {
  const text = fileOf();
  writeFileSync(text, 'not a database, and long enough to be none whichever way it is read '.repeat(20));
  await expect(open(text).obtain('a-1')).rejects.toBeInstanceOf(IncompatibleKeyFile);
  const foreign = fileOf();
  const db = new DatabaseSync(foreign);
  db.exec('CREATE TABLE theirs (a)');
  db.close();
  const before = readFileSync(foreign);
  await expect(open(foreign).find('a-1')).rejects.toBeInstanceOf(IncompatibleKeyFile);
  expect(readFileSync(foreign).equals(before)).toBe(true);
});

test('says so when it cannot be opened', async () => {
  await expect(open(join(folder, 'no', 'such', 'keys.sqlite')).obtain('a-1')).rejects.toBeInstanceOf(
    KeyStoreUnavailable,
  );
});
