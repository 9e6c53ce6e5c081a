import { spawnSync } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

/** The first test of a run may have to build. */
jest.setTimeout(60_000);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-settings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function status(env: Readonly<Record<string, string>> = {}) {
  const { LEDGER_DATA: _, ...outside } = process.env;
  const script = resolve('scripts/ledger.mjs');
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, 'status'], {
    cwd: folder,
    env: { ...outside, ...env },
    encoding: 'utf8',
  });
  return { output: stdout + stderr, exitCode: status };
}

test('settings of .env are used', async () => {
  await writeFile(join(folder, '.env'), 'LEDGER_DATA=./of-the-file\n');
  expect(status().output).toContain('of-the-file');
});

test('what is set in the environment goes before .env', async () => {
  await writeFile(join(folder, '.env'), 'LEDGER_DATA=./of-the-file\n');
  const { output } = status({ LEDGER_DATA: './of-the-environment' });
  expect(output).toContain('of-the-environment');
  expect(output).not.toContain('of-the-file');
});

test('a wrong setting in .env is named like any other', async () => {
  await writeFile(join(folder, '.env'), 'LEDGER_DATUM=./x\n');
  expect(status().output).toContain('LEDGER_DATUM: unknown setting');
});

test('a .env that cannot be read is an error, not passed over', async () => {
  await mkdir(join(folder, '.env'));
  const { output, exitCode } = status();
  expect(output).toMatch(/^The settings in \.env cannot be read: /);
  expect(exitCode).toBe(1);
});
