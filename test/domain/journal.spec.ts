import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JournalCommand } from '../../src/domain/journal/journal.commands.js';
import { journal, MAX_LEGS } from '../../src/domain/journal/journal.decider.js';
import type { JournalEvent, Leg } from '../../src/domain/journal/journal.events.js';
import { NOON, run, specify } from './specify.js';

const { given } = specify(journal);

const about = { journalId: 'A563185', description: 'Adjust bad debt', product: 'B', documentDay: '2011-08-12' };
const debit = (minor: bigint, currency = 'GBP'): Leg => ({
  account: 'expenses:bad-debts',
  side: 'debit',
  amount: { minor, currency },
});
const credit = (minor: bigint, currency = 'GBP'): Leg => ({
  account: 'assets:receivables',
  side: 'credit',
  amount: { minor, currency },
});
const post = (...legs: Leg[]): JournalCommand => ({ type: 'PostJournal', data: { ...about, legs } });
const posted = (...legs: Leg[]): JournalEvent => ({ type: 'JournalPosted', data: { ...about, legs } });

describe('posting a journal', () => {
  test('records the legs as given when the sides balance', () => {
    given()
      .when(post(debit(500n), credit(500n)))
      .then(posted(debit(500n), credit(500n)));
    given()
      .when(post(debit(500n), credit(200n), credit(300n)))
      .then(posted(debit(500n), credit(200n), credit(300n)));
  });
  test('balances every currency by itself', () => {
    const legs = [debit(5n), credit(7n, 'EUR'), credit(5n), debit(7n, 'EUR')];
    given()
      .when(post(...legs))
      .then(posted(...legs));
    given()
      .when(post(debit(5n), credit(5n, 'EUR')))
      .thenRejected({ code: 'journal-unbalanced', currency: 'GBP', debitMinor: 5n, creditMinor: 0n });
    given()
      .when(post(debit(5n), credit(5n), credit(7n, 'EUR'), debit(6n, 'EUR')))
      .thenRejected({ code: 'journal-unbalanced', currency: 'EUR', debitMinor: 6n, creditMinor: 7n });
  });
  test('needs two legs at least and a thousand at most', () => {
    given().when(post()).thenRejected({ code: 'too-few-legs' });
    given()
      .when(post(debit(5n)))
      .thenRejected({ code: 'too-few-legs' });
    const most = Array.from({ length: MAX_LEGS }, (_, n) => (n % 2 ? credit(1n) : debit(1n)));
    given()
      .when(post(...most))
      .then(posted(...most));
    given()
      .when(post(...most, debit(1n)))
      .thenRejected({ code: 'too-many-legs', allowed: MAX_LEGS });
  });
  test('needs positive amounts of money that the ledger can hold', () => {
    given()
      .when(post(debit(5n), credit(0n)))
      .thenRejected({ code: 'amount-not-positive', leg: 2 });
    given()
      .when(post(debit(-5n), credit(-5n)))
      .thenRejected({ code: 'amount-not-positive', leg: 1 });
    given()
      .when(post(debit(5n), credit(5n, 'XTS')))
      .thenRejected({ code: 'currency-unknown', leg: 2, currency: 'XTS' });
    const most = 2n ** 63n - 1n;
    given()
      .when(post(debit(most), credit(most)))
      .then(posted(debit(most), credit(most)));
    given()
      .when(post(debit(most + 1n), credit(1n)))
      .thenRejected({ code: 'amount-too-large', leg: 1 });
    given()
      .when(post(debit(most), credit(most), credit(1n)))
      .thenRejected({ code: 'amount-too-large', leg: 3 });
  });
  test('is done once', () => {
    given(posted(debit(5n), credit(5n)))
      .when(post(debit(5n), credit(5n)))
      .thenRejected({ code: 'journal-already-posted' });
  });
});

test('a history that no command wrote stops the fold', () => {
  const once = posted(debit(5n), credit(5n));
  given(once, once).thenCorrupt(/JournalPosted twice/);
  given(posted(debit(5n), credit(4n))).thenCorrupt(/off balance by 1 GBP/);
  given(posted(debit(5n), credit(-5n), credit(10n))).thenCorrupt(/a leg of -5/);
  given(posted()).thenCorrupt(/0 legs/);
});

test('whatever is asked, what is posted balances in every currency', () => {
  const anyLeg = fc
    .record({
      side: fc.constantFrom(debit, credit),
      minor: fc.oneof({ arbitrary: fc.bigInt(1n, 3n), weight: 9 }, fc.bigInt(-(2n ** 65n), 2n ** 65n)),
      currency: fc.oneof({ arbitrary: fc.constantFrom('GBP', 'EUR'), weight: 20 }, fc.constant('x')),
    })
    .map(({ side, minor, currency }) => side(minor, currency));
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(fc.array(anyLeg, { maxLength: 6 }), { maxLength: 4 }), (postings) => {
      const steps = run(
        journal,
        postings.map((legs) => ({ command: post(...legs), at: NOON })),
      );
      const events = steps.flatMap((step) => step.events);
      accepted += events.length;
      expect(events.length).toBeLessThanOrEqual(1);
      for (const { data } of events) {
        for (const currency of ['GBP', 'EUR']) {
          const side = (name: Leg['side']) =>
            data.legs
              .filter(({ side, amount }) => side === name && amount.currency === currency)
              .reduce((sum, { amount }) => sum + amount.minor, 0n);
          expect(side('debit')).toBe(side('credit'));
        }
      }
    }),
    { numRuns: 1000 },
  );
  expect(accepted).toBeGreaterThan(0); // or the property has said nothing
});
