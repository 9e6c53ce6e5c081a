import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import type { ChildSpec } from '../../apps/ledger/supervisor/child.js';
import { Supervisor, type Waits } from '../../apps/ledger/supervisor/supervisor.js';
import { temporaryFolders } from '../temporary-folders.js';
import { isAlive, waitFor } from './processes.js';

const module = fileURLToPath(new URL('./stand-in.mjs', import.meta.url));
const standIn = (name: string, ...args: string[]): ChildSpec => ({ name, module, args });
const SHORT: Waits = { firstRestart: 50, longestRestart: 200, steadyAfter: 60_000, stop: 300 };

const started: Supervisor[] = [];
afterEach(() => started.splice(0).forEach((supervisor) => supervisor.kill()));
const newFolder = temporaryFolders();

/** A supervisor of stand-ins, what it said, and how it ended. */
function supervise(specs: readonly ChildSpec[], waits: Partial<Waits> = {}) {
  const said: string[] = [];
  const ready = Promise.withResolvers<ReadonlyMap<string, string>>();
  const supervisor = new Supervisor(specs, {
    env: process.env,
    waits: { ...SHORT, ...waits },
    say: (line) => said.push(line),
    onReady: ready.resolve,
  });
  started.push(supervisor);
  return { supervisor, said, ready: ready.promise, exitCode: supervisor.run() };
}

test('is ready when all are, and stops all with exit code 0', async () => {
  const { supervisor, said, ready, exitCode } = supervise([standIn('a', 'ready', 'http://a'), standIn('b', 'ready')]);
  expect(await ready).toEqual(new Map([['a', 'http://a']]));
  const pids = supervisor.pids();
  expect(pids.filter(isAlive)).toHaveLength(2);
  supervisor.stop();
  expect(await exitCode).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(said).toEqual([]);
});

test('starts a process that died again, each time later, and says so', async () => {
  const { supervisor, said, ready, exitCode } = supervise([standIn('a', 'ready', 'http://a'), standIn('b', 'ready')]);
  await ready;
  const untouched = supervisor.pids()[1];
  for (const restart of [1, 2, 3, 4]) {
    process.kill(supervisor.pids()[0]!, 'SIGKILL');
    await waitFor(() => said.length === 2 * restart);
  }
  expect(said.filter((line) => line.includes('again in'))).toEqual([
    'a was ended by SIGKILL. Starting it again in 0.05 s (restart 1).',
    'a was ended by SIGKILL. Starting it again in 0.1 s (restart 2).',
    'a was ended by SIGKILL. Starting it again in 0.2 s (restart 3).',
    'a was ended by SIGKILL. Starting it again in 0.2 s (restart 4).',
  ]);
  expect(said.filter((line) => line.includes('up again'))).toEqual(Array(4).fill('a is up again on http://a.'));
  expect(supervisor.pids()[1]).toBe(untouched);
  supervisor.stop();
  expect(await exitCode).toBe(0);
});

test('a process that was steady starts again from the first wait', async () => {
  const { supervisor, said, ready } = supervise([standIn('a', 'ready')], { steadyAfter: 0 });
  await ready;
  for (const restart of [1, 2]) {
    process.kill(supervisor.pids()[0]!, 'SIGKILL');
    await waitFor(() => said.length === 2 * restart);
  }
  expect(said[2]).toBe('a was ended by SIGKILL. Starting it again in 0.05 s (restart 1).');
});

test('a process that refuses to start is not started again, and all are stopped', async () => {
  const { supervisor, said, exitCode } = supervise([standIn('a', 'ready'), standIn('b', 'refuse')]);
  expect(await exitCode).toBe(1);
  expect(said).toEqual(['b cannot run: the moon is in the way']);
  expect(supervisor.pids()).toEqual([]);
});

test('a process that refuses after it was ready is tried again, and the others go on serving', async () => {
  const { supervisor, said, ready } = supervise([
    standIn('a', 'ready'),
    standIn('b', 'once', join(newFolder(), 'mark')),
  ]);
  await ready;
  const [served, restarted] = supervisor.pids();
  process.kill(restarted!, 'SIGKILL');
  await waitFor(() => said.filter((line) => line.includes('Starting it again')).length === 3);
  expect(said).toContain('b cannot run: the moon is in the way');
  expect(supervisor.pids()).toContain(served);
});

test('a process that was never ready is not started again', async () => {
  const { said, exitCode } = supervise([standIn('a', 'ready'), standIn('b', 'crash')]);
  expect(await exitCode).toBe(1);
  expect(said).toEqual(['b could not start: it stopped with exit code 3.']);
});

test('a process that cannot be run at all is not started again', async () => {
  const { said, exitCode } = supervise([{ name: 'a', module: '/no/such/module.mjs' }]);
  expect(await exitCode).toBe(1);
  expect(said).toEqual(['a could not start: it stopped with exit code 1.']);
});

test('what does not stop in time is killed, and that is a failure', async () => {
  const { supervisor, said, ready, exitCode } = supervise([standIn('a', 'stubborn'), standIn('b', 'ready')]);
  await ready;
  const pids = supervisor.pids();
  supervisor.stop();
  expect(await exitCode).toBe(1);
  expect(said).toEqual(['a did not stop within 0.3 s: killed.']);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('to kill ends at once what does not stop', async () => {
  const { supervisor, said, ready, exitCode } = supervise([standIn('a', 'stubborn')], { stop: 60_000 });
  await ready;
  supervisor.stop();
  supervisor.kill();
  expect(await exitCode).toBe(1);
  expect(said).toEqual(['a killed before it had stopped.']);
});

test('a process that fails while it stops makes the exit code 1', async () => {
  const { supervisor, said, ready, exitCode } = supervise([standIn('a', 'unclean'), standIn('b', 'ready')]);
  await ready;
  supervisor.stop();
  expect(await exitCode).toBe(1);
  expect(said).toEqual(['a stopped with exit code 4 while it stopped.']);
});

test('stopping while a restart is awaited starts nothing any more', async () => {
  const { supervisor, said, ready, exitCode } = supervise([standIn('a', 'ready')], { firstRestart: 60_000 });
  await ready;
  process.kill(supervisor.pids()[0]!, 'SIGKILL');
  await waitFor(() => said.length === 1);
  supervisor.stop();
  expect(await exitCode).toBe(0);
  expect(supervisor.pids()).toEqual([]);
});
