import { expect, test } from '@jest/globals';
import { CommandGate } from '../../apps/api/nats/command-gate.js';

/** Work that ends when it is told to. */
function work() {
  let end: (() => void) | undefined;
  let hasBegun = false;
  const ended = new Promise<string>((resolve) => (end = () => resolve('done')));
  return { run: () => ((hasBegun = true), ended), end: () => end?.(), hasBegun: () => hasBegun };
}
const turns = () => new Promise((resolve) => setImmediate(resolve));

test('as many as may are done at once, the next in their order, and the rest is refused', async () => {
  const gate = new CommandGate({ atOnce: 2, waiting: 2, waitMs: 10_000 });
  const works = [1, 2, 3, 4, 5].map(work);
  const passed = works.map(({ run }) => gate.pass(run).catch((error: unknown) => error));
  await turns();
  expect(works.map(({ hasBegun }) => hasBegun())).toEqual([true, true, false, false, false]);
  expect(await passed[4]).toMatchObject({ problem: { code: 'too-many-commands', atOnce: 2, waiting: 2 } });
  works[1]?.end();
  await turns();
  expect(works.map(({ hasBegun }) => hasBegun())).toEqual([true, true, true, false, false]);
  for (const { end } of works) end();
  expect(await Promise.all(passed.slice(0, 4))).toEqual(['done', 'done', 'done', 'done']);
});

test('one that waits in vain is refused in time, and does not take a turn from those behind it', async () => {
  const gate = new CommandGate({ atOnce: 1, waiting: 2, waitMs: 30 });
  const [long, late, next] = [work(), work(), work()];
  const first = gate.pass(long.run);
  await expect(gate.pass(late.run)).rejects.toMatchObject({ problem: { code: 'too-many-commands' } });
  const third = gate.pass(next.run);
  long.end();
  next.end();
  expect(await Promise.all([first, third])).toEqual(['done', 'done']);
  expect(late.hasBegun()).toBe(false);
  const after = work();
  after.end();
  expect(await gate.pass(after.run)).toBe('done');
});

test('what fails gives its place back', async () => {
  const gate = new CommandGate({ atOnce: 1, waiting: 0, waitMs: 10 });
  for (let n = 0; n < 3; n++) await expect(gate.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate.pass(() => Promise.resolve(1))).toBe(1);
});
