import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Program } from './processes.js';

jest.setTimeout(60_000);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** A project with this one's scripts, settings and packages, and a command line of one line. */
let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'ledger-build-'));
  const kept = ['scripts', '.swcrc', 'nest-cli.json', 'tsconfig.json', 'package.json', 'package-lock.json'];
  await Promise.all(kept.map((name) => cp(join(root, name), join(project, name), { recursive: true })));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  await source('src/greeting.ts', "export const greeting: string = 'one';");
  await source(
    'apps/ledger/main.ts',
    "import { greeting } from '../../src/greeting.js';\nprocess.stdout.write(greeting);",
  );
});
afterAll(() => rm(project, { recursive: true, force: true }));

async function source(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), text);
}

/** `npm run ledger`, without npm. */
async function ledger(): Promise<{ exitCode: number | null; output: string }> {
  const program = new Program([process.execPath, join(project, 'scripts', 'ledger.mjs')], {});
  return { exitCode: await program.exitCode, output: program.output };
}

const fine = (output: string) => ({ exitCode: 0, output });
const built = (output: string) => fine(`Building …\n${output}`);

test('builds the first time and then only when the content of a source has changed', async () => {
  expect(await ledger()).toEqual(built('one'));
  expect(await ledger()).toEqual(fine('one'));

  await utimes(join(project, 'src/greeting.ts'), new Date('2099-01-01'), new Date('2099-01-01'));
  expect(await ledger()).toEqual(fine('one'));

  await source('src/greeting.ts', "export const greeting: string = 'two';");
  await utimes(join(project, 'src/greeting.ts'), new Date('1999-01-01'), new Date('1999-01-01'));
  expect(await ledger()).toEqual(built('two'));
});

test('half a build is not run, and nothing is left of it', async () => {
  await ledger();
  await rm(join(project, 'dist/src/greeting.js'));
  await rm(join(project, 'dist/.build.json'));
  await mkdir(join(project, '.dist-999999999'));
  expect(await ledger()).toEqual(built('two'));
  expect((await readdir(project)).filter((name) => name.startsWith('.dist-'))).toEqual([]);
});

test('a source that is gone is gone from the build', async () => {
  await source('src/extra.ts', 'export const extra = 1;');
  await ledger();
  expect(await readdir(join(project, 'dist/src'))).toContain('extra.js');
  await rm(join(project, 'src/extra.ts'));
  await ledger();
  expect(await readdir(join(project, 'dist/src'))).not.toContain('extra.js');
});

test('a build that fails says where, ends with 1 and leaves the build before it', async () => {
  await ledger();
  const before = await readFile(join(project, 'dist/.build.json'), 'utf8');
  await source('src/greeting.ts', 'export const greeting: = ;');
  const { exitCode, output } = await ledger();
  expect(exitCode).toBe(1);
  expect(output).toContain('The build failed:');
  expect(output).toContain('src/greeting.ts:1:1');
  expect(await readFile(join(project, 'dist/.build.json'), 'utf8')).toBe(before);
});

test('two that build at once both run', async () => {
  await source('src/greeting.ts', "export const greeting: string = 'three';");
  for (const { exitCode, output } of await Promise.all([ledger(), ledger()])) {
    expect({ exitCode, last: output.split('\n').at(-1) }).toEqual({ exitCode: 0, last: 'three' });
  }
  expect(await ledger()).toEqual(fine('three'));
});
