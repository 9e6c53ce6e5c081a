import { describe, expect, test } from '@jest/globals';
import { CaughtUp } from '../../../src/application/processes/caught-up.js';
import type { Checkpoint } from '../../../src/application/ports/view-store.js';

function watched() {
  const world: { head: bigint | undefined; log: string; checkpoint: Checkpoint | undefined } = {
    head: 10n,
    log: 'this',
    checkpoint: undefined,
  };
  const log = { head: () => Promise.resolve(world.head), identity: () => Promise.resolve(world.log) };
  const at = (position: bigint, of = 'this') =>
    void (world.checkpoint = { position, log: of, committedAt: '2026-01-05T09:00:00.000Z' });
  const caughtUp = new CaughtUp(log);
  return { world, at, may: () => caughtUp.by(world.checkpoint) };
}

describe('a view may be acted on', () => {
  test('once it has come to where the log ended, and from then on while the log goes ahead of it', async () => {
    const { world, at, may } = watched();
    expect(await may()).toBe(false); // there is none
    at(3n);
    expect(await may()).toBe(false);
    world.head = 20n; // what is written meanwhile need not be in it
    at(9n);
    expect(await may()).toBe(false);
    at(10n);
    expect(await may()).toBe(true);
    world.head = 30n;
    expect(await may()).toBe(true);
  });

  test('not while it is made anew', async () => {
    const { at, may } = watched();
    at(10n);
    expect(await may()).toBe(true);
    at(2n);
    expect(await may()).toBe(false);
    at(10n);
    expect(await may()).toBe(true);
  });

  test('never of another log', async () => {
    const { at, may } = watched();
    at(10n, 'another');
    expect(await may()).toBe(false);
    at(11n, 'another');
    expect(await may()).toBe(false);
  });
});
