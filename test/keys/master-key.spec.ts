/** The key file under a master key: what stands in it, and what it takes to get at it. */
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from '@jest/globals';
import { KeyStoreUnavailable } from '../../src/application/ports/key-store.js';
import { KEY_FILE_HEADER } from '../../src/infrastructure/keys/key-file.js';
import { parseMasterKey, unwrap, wrap } from '../../src/infrastructure/keys/master-key.js';
import { MasterKeyMismatch, SqliteKeyStore } from '../../src/infrastructure/keys/sqlite-key-store.js';
import { temporaryFolders } from '../temporary-folders.js';

const newFolder = temporaryFolders();
const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
const opened: SqliteKeyStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});
const newFile = (): string => join(newFolder(), 'keys.sqlite');
const open = (file: string, master?: Buffer): SqliteKeyStore => {
  opened.push(new SqliteKeyStore(file, master));
  return opened.at(-1)!;
};
/** Whether the bytes stand in the file, or in any other of its folder. */
const holds = (file: string, bytes: Buffer): boolean =>
  readdirSync(dirname(file)).some((name) => readFileSync(join(dirname(file), name)).includes(bytes));
const subjects = Array.from({ length: 60 }, (_, n) => `customer-${n}-${'x'.repeat(n % 40)}`);

describe('a wrapped secret', () => {
  const secret = randomBytes(32);

  test('is read with the same master key, as whose it is, and in no other way', () => {
    const wrapped = wrap(OLD, 'a-1', secret);
    expect(unwrap(OLD, 'a-1', wrapped).equals(secret)).toBe(true);
    expect(wrapped.includes(secret)).toBe(false);
    expect(wrap(OLD, 'a-1', secret).equals(wrapped)).toBe(false);
    expect(() => unwrap(NEW, 'a-1', wrapped)).toThrow();
    expect(() => unwrap(OLD, 'a-2', wrapped)).toThrow();
    for (const index of [0, 20, 59]) {
      const changed = Buffer.from(wrapped);
      changed[index]! ^= 1;
      expect(() => unwrap(OLD, 'a-1', changed)).toThrow();
    }
  });

  test('takes as much room without a master key', () => {
    const wide = wrap(undefined, 'a-1', secret);
    expect(wide).toHaveLength(wrap(OLD, 'a-1', secret).length);
    expect(unwrap(undefined, 'a-1', wide).equals(secret)).toBe(true);
  });
});

test.each([
  [OLD.toString('base64'), true],
  [`  ${OLD.toString('base64')}\n`, true],
  [Buffer.alloc(31).toString('base64'), false],
  [Buffer.alloc(33).toString('base64'), false],
  [OLD.toString('hex'), false],
  ['', false],
  [`${OLD.toString('base64').slice(0, -2)}B=`, false],
])('%j as a master key: %s', (text, isOne) => {
  expect(parseMasterKey(text) !== undefined).toBe(isOne);
});

test('a file under a master key holds no secret, and gives none away without it', async () => {
  const file = newFile();
  const key = await open(file, OLD).obtain('a-1');
  expect(holds(file, key.secret)).toBe(false);
  expect(await open(file, OLD).find('a-1')).toEqual(key);
  for (const [master, says] of [
    [undefined, /under a master key, and none is set/],
    [NEW, /under another master key/],
  ] as const) {
    const store = open(file, master);
    for (const call of [store.find('a-1'), store.obtain('a-2'), store.whoHas('x'), store.progress('log')]) {
      await expect(call).rejects.toBeInstanceOf(MasterKeyMismatch);
      await expect(call).rejects.toBeInstanceOf(KeyStoreUnavailable);
      await expect(call).rejects.toThrow(says);
    }
  }
  expect(await open(file, OLD).find('a-2')).toBeUndefined();
});

test('a file that is under none says how to put it under one', async () => {
  const file = newFile();
  await open(file).obtain('a-1');
  await expect(open(file, OLD).find('a-1')).rejects.toThrow(/not under a master key yet.*rotate-master-key/);
});

test.each([
  ['none', undefined],
  ['another', OLD],
])('keys that were under %s are put under a new one, and no byte of the old ones is left', async (_, before) => {
  const file = newFile();
  const store = open(file, before);
  const keys = [];
  for (const subject of subjects) keys.push(await store.obtain(subject));
  await store.remember(subjects[1]!, 'ada@example.org');
  for (const subject of subjects.filter((_, n) => n % 3 === 0)) await store.erase(subject);
  const db = new DatabaseSync(file, { readOnly: true });
  const wrapped = db.prepare('SELECT secret FROM subject_keys WHERE erased = 0').all();
  db.close();
  expect(wrapped.every(({ secret }) => holds(file, Buffer.from(secret as Uint8Array)))).toBe(true);

  expect(await store.rewrap(NEW)).toBe(40);
  expect(wrapped.filter(({ secret }) => holds(file, Buffer.from(secret as Uint8Array)))).toEqual([]);
  expect(keys.filter(({ secret }) => holds(file, secret))).toEqual([]);
  await expect(store.find(subjects[1]!)).rejects.toBeInstanceOf(MasterKeyMismatch);
  const after = open(file, NEW);
  for (const [n, subject] of subjects.entries()) {
    expect(await after.find(subject)).toEqual(n % 3 === 0 ? 'erased' : keys[n]);
  }
  expect(await after.whoHas('ada@example.org')).toEqual([subjects[1]]);
});

test('rotation under a key that is not the present one changes nothing', async () => {
  const file = newFile();
  const key = await open(file, OLD).obtain('a-1');
  await expect(open(file, NEW).rewrap(Buffer.alloc(32, 3))).rejects.toBeInstanceOf(MasterKeyMismatch);
  expect(await open(file, OLD).find('a-1')).toEqual(key);
});

test('what somebody was found by is nowhere in the file, and its digest is gone with the key', async () => {
  const file = newFile();
  const store = open(file);
  const texts = subjects.map((subject) => `${subject}@example.org`);
  for (const [n, subject] of subjects.entries()) {
    await store.obtain(subject);
    await store.remember(subject, texts[n]!);
  }
  const db = new DatabaseSync(file, { readOnly: true });
  const digests = db.prepare('SELECT digest FROM found_by ORDER BY number').all();
  db.close();
  const bytes = digests.map(({ digest }) => Buffer.from(digest as Uint8Array));
  expect(bytes).toHaveLength(subjects.length);
  expect(bytes.every((digest) => holds(file, digest))).toBe(true);
  for (const [n, text] of texts.entries()) {
    expect(holds(file, Buffer.from(text))).toBe(false);
    expect(bytes[n]!.equals(createHash('sha256').update(text).digest())).toBe(false);
  }
  for (const [n, subject] of subjects.entries()) if (n % 3 !== 0) await store.erase(subject);
  expect(bytes.map((digest) => holds(file, digest))).toEqual(subjects.map((_, n) => n % 3 === 0));
});

describe('a file of format 1', () => {
  const madeByFormat1 = (secrets: ReadonlyMap<string, Buffer>): string => {
    const file = newFile();
    mkdirSync(dirname(file), { recursive: true });
    const db = new DatabaseSync(file);
    db.exec(`
      CREATE TABLE subject_keys (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        subject TEXT NOT NULL UNIQUE,
        version INTEGER NOT NULL,
        erased INTEGER NOT NULL CHECK (erased IN (0, 1)),
        secret BLOB NOT NULL CHECK (length(secret) = 32)
      ) STRICT;
      CREATE TABLE progress (log TEXT PRIMARY KEY NOT NULL, position TEXT NOT NULL) WITHOUT ROWID, STRICT;
      PRAGMA application_id = ${KEY_FILE_HEADER.application};
      PRAGMA user_version = 1;
      INSERT INTO progress VALUES ('log', '7');
    `);
    const add = db.prepare('INSERT INTO subject_keys (subject, version, erased, secret) VALUES (?, 1, 0, ?)');
    for (const [subject, secret] of secrets) add.run(subject, secret);
    db.prepare('INSERT INTO subject_keys (subject, version, erased, secret) VALUES (?, 1, 1, zeroblob(32))').run(
      'gone',
    );
    db.close();
    return file;
  };

  test('keeps its keys, erasures and progress, and then finds by text', async () => {
    const secrets = new Map(subjects.map((subject) => [subject, randomBytes(32)]));
    const file = madeByFormat1(secrets);
    const store = open(file);
    for (const [subject, secret] of secrets) expect(await store.find(subject)).toEqual({ version: 1, secret });
    expect(await store.find('gone')).toBe('erased');
    expect(await store.progress('log')).toBe(7n);
    await store.remember(subjects[0]!, 'ada@example.org');
    expect(await open(file).whoHas('ada@example.org')).toEqual([subjects[0]]);
    for (const subject of subjects) await store.erase(subject);
    expect([...secrets.values()].filter((secret) => holds(file, secret))).toEqual([]);
  });

  test('is under no master key, also for who has one, and can be put under it', async () => {
    const file = madeByFormat1(new Map([['a-1', OLD]]));
    await expect(open(file, NEW).find('a-1')).rejects.toThrow(/not under a master key yet/);
    expect(await open(file).rewrap(NEW)).toBe(1);
    expect(await open(file, NEW).find('a-1')).toEqual({ version: 1, secret: OLD });
  });

  test('that is put back under a running process keeps its own progress, which is behind', async () => {
    const file = newFile();
    const store = open(file);
    await store.carriedOut({ log: 'log', position: 99n });
    copyFileSync(madeByFormat1(new Map([['a-1', OLD]])), file);
    expect(await store.progress('log')).toBe(7n);
  });

  test('is opened by two at once', async () => {
    const file = madeByFormat1(new Map([['a-1', OLD]]));
    const found = await Promise.all([open(file).find('a-1'), open(file).find('a-1')]);
    expect(found).toEqual([
      { version: 1, secret: OLD },
      { version: 1, secret: OLD },
    ]);
  });
});
