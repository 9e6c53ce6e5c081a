import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { isAlive, Program, waitFor } from './processes.js';

/** The first test of a run may have to build. */
jest.setTimeout(60_000);

let folder: string;
const programs: Program[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-start-'));
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.destroy()));
  await rm(folder, { recursive: true, force: true });
});

/** `npm start`, unless told otherwise without npm. */
function start(
  env: Readonly<Record<string, string>> = {},
  command: readonly [string, ...string[]] = [process.execPath, 'scripts/start.mjs'],
): Program {
  const settings = { LEDGER_DATA: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'warn', ...env };
  const program = new Program(command, settings);
  programs.push(program);
  return program;
}

const addressOf = (program: Program): Promise<string> => program.prints(/API +(http:\S+)\/v1/);

async function isLive(address: string): Promise<boolean> {
  const answer = await fetch(`${address}/health/live`);
  await answer.body?.cancel();
  return answer.status === 200;
}

test('starts on an empty folder, says what to try next, and Ctrl-C stops all of it', async () => {
  const program = start({ LOG_LEVEL: '' });
  const address = await addressOf(program);
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await isLive(address)).toBe(true);
  await program.prints(/LEDGER_DATA=\S+ npm run ledger -- import online-retail examples\//);
  const children = program.children();
  expect(children).toHaveLength(2);

  const listed = await fetch(`${address}/v1/products`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'listed' },
    body: JSON.stringify({ sku: 'MUG', name: 'Mug', prices: [] }),
  });
  expect(listed.status).toBe(201);

  program.signalGroup('SIGINT');
  expect(await program.exitCode).toBe(0);
  expect(children.filter(isAlive)).toEqual([]);
  // The log's own file holds it all then: the WAL has been checked in, whichever process stopped last.
  expect((await readdir(join(folder, 'data'))).filter((name) => name.startsWith('log.'))).toEqual(['log.sqlite']);
  expect(program.output).not.toMatch(/killed|again|\{/);
});

test('npm passes SIGTERM on and waits until all of it has stopped', async () => {
  const program = start({}, ['npm', 'start']);
  await addressOf(program);
  const pids = program.descendants();
  expect(pids.length).toBeGreaterThanOrEqual(3);
  program.signal('SIGTERM');
  expect(await program.exitCode).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('each process is started again when it is killed, the ledger answers as before, and SIGTERM stops all', async () => {
  const program = start();
  await addressOf(program);
  const before = program.children();
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await program.prints(/api was ended by SIGKILL\. Starting it again in 0\.5 s \(restart 1\)\./);
  await program.prints(/projector was ended by SIGKILL\. Starting it again in 0\.5 s \(restart 1\)\./);
  await program.prints(/projector is up again/);
  expect(await isLive(await program.prints(/api is up again on (http:\S+\d)/))).toBe(true);
  const after = program.children();
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  expect(after).toHaveLength(2);
  program.signal('SIGTERM');
  expect(await program.exitCode).toBe(0);
  expect(after.filter(isAlive)).toEqual([]);
});

test('when it is killed itself, its processes end', async () => {
  const program = start();
  await addressOf(program);
  const children = program.children();
  expect(children.filter(isAlive)).toHaveLength(2);
  program.signal('SIGKILL');
  await waitFor(() => children.filter(isAlive).length === 0);
});

describe('says plainly what is wrong, once, and ends with 1', () => {
  const quiet = /at .*\.js:\d+|again in/; // no stack, no restart

  test('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const program = start({ PORT: String(port), LOG_LEVEL: 'info' });
    expect(await program.exitCode).toBe(1);
    other.close();
    expect(program.output).toContain(`already listens on port ${port} on 127.0.0.1`);
    const refusal = program.output.trimEnd().split('\n').at(-1);
    expect(refusal).toMatch(new RegExp(`^api cannot run: .* PORT=${port + 1} npm start$`));
    // The log lines that were asked for have the other stream to themselves.
    for (const line of program.standardOutput.split('\n').filter((line) => line !== '')) {
      expect(JSON.parse(line)).toMatchObject({ service: expect.stringMatching(/api|projector/) });
    }
    expect(program.output).not.toMatch(quiet);
  });

  test('a data folder that cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    const program = start({ LEDGER_DATA: join(folder, 'file', 'data') });
    expect(await program.exitCode).toBe(1);
    expect(program.output).toContain(`The data folder ${join(folder, 'file', 'data')} cannot be used`);
    expect(program.output).not.toMatch(quiet);
  });

  test('a log of another program', async () => {
    const data = join(folder, 'file');
    await prepareForeignLog(data);
    const program = start({ LEDGER_DATA: data });
    expect(await program.exitCode).toBe(1);
    expect(program.output).toMatch(/log\.sqlite/);
    expect(program.output).not.toMatch(quiet);
  });

  test('settings: all of them at once, and no secret', async () => {
    const secret = 'tell-nobody';
    const program = start({ PORT: 'http', HOST: '0.0.0.0', LEDGER_DATEN: 'x', STRIPE_SECRET_KEY: secret });
    expect(await program.exitCode).toBe(1);
    for (const setting of ['PORT', 'HOST', 'LEDGER_DATEN', 'STRIPE_SECRET_KEY']) {
      expect(program.output).toContain(`  ${setting}: `);
    }
    expect(program.output).not.toContain(secret);
    expect(program.output).not.toMatch(quiet);
  });
});

async function prepareForeignLog(data: string): Promise<void> {
  await mkdir(data);
  await writeFile(join(data, 'log.sqlite'), 'This is not a database, but a letter to somebody. '.repeat(100));
}
