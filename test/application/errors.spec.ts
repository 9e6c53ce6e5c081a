import { expect, test } from '@jest/globals';
import { CommandIdReused, Rejected, RevisionMismatch } from '../../src/application/errors.js';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';

test.each([
  [new Rejected({ code: 'insufficient-stock' }), 'Rejected: insufficient-stock'],
  [new CommandIdReused('stock-MUG@main', 'c1'), 'Command id c1 was used on stock-MUG@main for another command'],
  [new RevisionMismatch('stock-MUG@main', 3n, 'no-stream'), 'stock-MUG@main is at no-stream, not at 3'],
])('a refusal has a message and no trace: %s', (refusal, message) => {
  expect(refusal).toBeInstanceOf(Error);
  expect(refusal.message).toBe(message);
  expect(refusal.stack).not.toMatch(/\n\s+at /);
});

test('a failure that comes after a refusal has its trace', () => {
  expect(new Rejected({ code: 'insufficient-stock' }).stack).toBeDefined();
  for (const failure of [new StoreUnavailable('gone'), new TypeError('a defect')]) {
    expect(failure.stack).toMatch(/\n\s+at .*errors\.spec/);
  }
});
