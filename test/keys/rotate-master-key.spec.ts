/** `ledger rotate-master-key`, and a ledger that is started with the key after it, or with another. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, expect, test } from '@jest/globals';
import { outputTo } from '../../apps/ledger/output.js';
import { ledger } from '../../apps/ledger/program.js';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { keyStoreOf } from '../../src/infrastructure/engines.js';
import { MasterKeyMismatch } from '../../src/infrastructure/keys/sqlite-key-store.js';
import { LedgerProcess } from '../processes/ledger-process.js';
import { temporaryFolders } from '../temporary-folders.js';

const newFolder = temporaryFolders();
const [FIRST, SECOND] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string];
let folder: string;
beforeEach(() => {
  folder = newFolder();
});

async function rotate(env: Readonly<Record<string, string>>) {
  const printed = { out: '', err: '' };
  const into = (name: 'out' | 'err') => {
    const stream = new PassThrough();
    stream.on('data', (chunk: Buffer) => (printed[name] += chunk.toString()));
    return stream as unknown as NodeJS.WriteStream;
  };
  const output = outputTo(into('out'), into('err'));
  const exitCode = await ledger(['rotate-master-key'], { LEDGER_DATA: folder, ...env }, output, '1.2.3');
  return { exitCode, ...printed };
}

/** What one process with these settings finds of `a-1`; `obtain` makes it where there is none. */
async function key(env: Readonly<Record<string, string>>, how: 'find' | 'obtain' = 'find') {
  const keys = keyStoreOf(readConfig({ LEDGER_DATA: folder, ...env }));
  try {
    return await keys[how]('a-1');
  } finally {
    await keys.close();
  }
}

test('puts keys under a first master key, and under another one, from variables or from files', async () => {
  const made = await key({}, 'obtain');
  const first = await rotate({ LEDGER_NEW_MASTER_KEY: FIRST });
  expect(first).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^1 keys are under the new master key/) });
  expect(await key({ LEDGER_MASTER_KEY: FIRST })).toEqual(made);
  await expect(key({})).rejects.toBeInstanceOf(MasterKeyMismatch);

  writeFileSync(join(folder, 'first'), `${FIRST}\n`);
  writeFileSync(join(folder, 'second'), SECOND);
  const files = { LEDGER_MASTER_KEY_FILE: join(folder, 'first'), LEDGER_NEW_MASTER_KEY_FILE: join(folder, 'second') };
  const second = await rotate(files);
  expect(second.exitCode).toBe(0);
  expect(await key({ LEDGER_MASTER_KEY_FILE: join(folder, 'second') })).toEqual(made);
  for (const { out, err } of [first, second]) for (const text of [FIRST, SECOND]) expect(out + err).not.toContain(text);
});

test('refuses, and changes nothing, without a new key, without the present one, and where there are no keys', async () => {
  const none = await rotate({ LEDGER_NEW_MASTER_KEY: FIRST });
  expect(none).toMatchObject({ exitCode: 1, err: expect.stringMatching(/There is no .*keys\.sqlite/) });
  const made = await key({ LEDGER_MASTER_KEY: FIRST }, 'obtain');
  expect(await rotate({ LEDGER_MASTER_KEY: FIRST })).toMatchObject({ exitCode: 2 });
  expect(await rotate({ LEDGER_MASTER_KEY: FIRST, LEDGER_NEW_MASTER_KEY: 'short' })).toMatchObject({
    exitCode: 2,
    err: expect.stringMatching(/LEDGER_NEW_MASTER_KEY must be 32 bytes in base64/),
  });
  expect(await rotate({ LEDGER_NEW_MASTER_KEY: SECOND })).toMatchObject({
    exitCode: 1,
    err: expect.stringMatching(/under a master key, and none is set/),
  });
  const nowhere = { LEDGER_MASTER_KEY_FILE: join(folder, 'nowhere'), LEDGER_NEW_MASTER_KEY: SECOND };
  expect(await rotate(nowhere)).toMatchObject({ exitCode: 1, err: expect.stringMatching(/cannot be read.*nowhere/) });
  expect(await key({ LEDGER_MASTER_KEY: FIRST })).toEqual(made);
});

test('an API does not start with another master key than the one that the keys are under', async () => {
  await key({ LEDGER_MASTER_KEY: FIRST }, 'obtain');
  const start = (env: Record<string, string>) => LedgerProcess.start('api', { LEDGER_DATA: folder, ...env });
  await expect(start({ LEDGER_MASTER_KEY: SECOND })).rejects.toThrow(/keys are under another master key/);
  await expect(start({})).rejects.toThrow(/under a master key, and none is set/);
  const api = await start({ LEDGER_MASTER_KEY: FIRST });
  await api.kill();
});
