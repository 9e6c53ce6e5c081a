import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AcceptedCommands } from '../../../src/application/stream-writer/accepted-commands.js';
import { CommandIndex } from '../../../src/application/stream-writer/command-index.js';

const numbers = (amount: number) => Array.from({ length: amount }, (_, n) => n);
const ids = fc.array(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 200 });

describe('an index of command ids', () => {
  test('has every revision of what was added, the newest first, and nothing else', () => {
    fc.assert(
      fc.property(ids, ids, (added, asked) => {
        const index = new CommandIndex();
        const expected = new Map<string, number[]>();
        for (const [revision, id] of added.entries()) {
          index.add(id, revision);
          expected.set(id, [revision, ...(expected.get(id) ?? [])]);
        }
        const copy = CommandIndex.from(index.entries());
        expect([index.size, copy.size]).toEqual([added.length, added.length]);
        for (const id of [...added, ...asked]) {
          expect(index.candidates(id)).toEqual(expected.get(id) ?? []);
          expect(copy.candidates(id)).toEqual(expected.get(id) ?? []);
        }
      }),
    );
  });

  test('takes 12 bytes for each of a hundred thousand, and finds each', () => {
    const index = new CommandIndex();
    for (let n = 0; n < 100_000; n++) index.add(`command-${n}`, n);
    const entries = index.entries();
    expect(entries.byteLength).toBe(1_200_000);
    const copy = CommandIndex.from(entries);
    expect(numbers(100_000).filter((n) => copy.candidates(`command-${n}`)[0] !== n)).toEqual([]);
    expect(numbers(100_000).filter((n) => copy.candidates(`other-${n}`).length > 0)).toEqual([]);
  });

  test('refuses a revision that it cannot hold, and holds the largest that it can', () => {
    const index = new CommandIndex();
    expect(() => index.add('c', 2 ** 32 - 1)).toThrow(RangeError);
    index.add('c', 2 ** 32 - 2);
    expect(CommandIndex.from(index.entries()).candidates('c')).toEqual([2 ** 32 - 2]);
  });
});

describe('accepted commands', () => {
  const AMOUNT = 10_000;
  const accepted = new AcceptedCommands();
  for (let n = 0; n < AMOUNT; n++) accepted.add(`command-${n}`, n);

  test('are never lost, and nothing else is taken for one', () => {
    expect(numbers(AMOUNT).filter((n) => accepted.candidates(`command-${n}`)[0] !== n)).toEqual([]);
    expect(numbers(AMOUNT).filter((n) => accepted.candidates(`other-${n}`).length > 0)).toEqual([]);
  });

  test('have the revision of the newest event, whether they are recent or not', () => {
    const twice = new AcceptedCommands();
    for (let n = 0; n < AMOUNT; n++) twice.add(`command-${Math.floor(n / 2)}`, n);
    for (const n of [0, AMOUNT / 2 - 1]) expect(twice.candidates(`command-${n}`)[0]).toBe(2 * n + 1);
  });

  test('are all in the entries, and stay where they are when these are taken', () => {
    const copy = new AcceptedCommands(CommandIndex.from(accepted.entries()));
    for (const one of [copy, accepted]) {
      expect(numbers(AMOUNT).filter((n) => one.candidates(`command-${n}`)[0] !== n)).toEqual([]);
    }
    copy.add('command-next', AMOUNT);
    expect(copy.candidates('command-next')).toEqual([AMOUNT]);
  });
});
