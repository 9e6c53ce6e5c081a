import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CreditNoteCommand, RequestedCreditLine } from '../../src/domain/credit-note/credit-note.commands.js';
import { creditNote } from '../../src/domain/credit-note/credit-note.decider.js';
import type { CreditLine, CreditNoteEvent } from '../../src/domain/credit-note/credit-note.events.js';
import { MAX_LINES } from '../../src/domain/pricing.js';
import { NOON, run, specify } from './specify.js';

const { given } = specify(creditNote);

type Origin = NonNullable<CreditLine['origins']>[number];
const about = { creditNoteId: 'C536379', currency: 'GBP', reason: 'returned' };
const mug = (quantity: number, unitPrice = '2.55', ...origins: Origin[]): RequestedCreditLine => ({
  kind: 'goods',
  sku: 'MUG-1',
  quantity,
  unitPrice,
  ...(origins.length === 0 ? {} : { origins }),
});
const from = (orderId: string, line: number, quantity: number): Origin => ({ orderId, line, quantity });

const issue = (...lines: RequestedCreditLine[]): CreditNoteCommand => ({
  type: 'IssueCreditNote',
  data: { ...about, lines },
});
const issued = (totalMinor: bigint, ...lines: CreditLine[]): CreditNoteEvent => ({
  type: 'CreditNoteIssued',
  data: { ...about, lines, totalMinor },
});
const line = (number: number, requested: RequestedCreditLine, minor: bigint): CreditLine => ({
  ...requested,
  line: number,
  minor,
});

describe('issuing a credit note', () => {
  test('numbers the lines, rounds each once and adds them up', () => {
    const discount: RequestedCreditLine = { kind: 'discount', sku: 'D', quantity: 1, unitPrice: '27.5' };
    given()
      .when(issue(discount, mug(3, '0.005'), mug(1, '0')))
      .then(issued(2752n, line(1, discount, 2750n), line(2, mug(3, '0.005'), 2n), line(3, mug(1, '0'), 0n)));
  });
  test('keeps where its units came from, up to as many as it gives back', () => {
    const whole = mug(5, '1', from('o1', 1, 2), from('o2', 7, 3));
    given()
      .when(issue(whole))
      .then(issued(500n, line(1, whole, 500n)));
    const part = mug(5, '1', from('o1', 1, 2));
    given()
      .when(issue(part))
      .then(issued(500n, line(1, part, 500n)));
    given()
      .when(issue(mug(1), mug(5, '1', from('o1', 1, 3), from('o1', 1, 3))))
      .thenRejected({ code: 'origins-exceed-line', line: 2 });
    given()
      .when(issue(mug(5, '1', from('o1', 1, 6), from('o1', 1, -1))))
      .thenRejected({ code: 'origins-exceed-line', line: 1 });
    given()
      .when(issue(mug(5, '1', from('o1', 1, 0))))
      .thenRejected({ code: 'quantity-not-positive', line: 1 });
    given()
      .when(issue(mug(5, '1', from('o1', 1, 0.5))))
      .thenRejected({ code: 'quantity-not-whole', line: 1 });
  });
  test('is done once', () => {
    given(issued(255n, line(1, mug(1), 255n)))
      .when(issue(mug(1)))
      .thenRejected({ code: 'credit-note-already-issued' });
  });
  test('needs lines, and names the first that is wrong', () => {
    given().when(issue()).thenRejected({ code: 'credit-note-empty' });
    given()
      .when(issue(mug(1), mug(0)))
      .thenRejected({ code: 'quantity-not-positive', line: 2 });
    given()
      .when(issue(mug(2e9)))
      .thenRejected({ code: 'quantity-too-large', line: 1 });
    given()
      .when(issue(mug(1, '-1')))
      .thenRejected({ code: 'price-negative', line: 1 });
    given()
      .when(issue(mug(1, '')))
      .thenRejected({ code: 'price-malformed', line: 1 });
    given()
      .when(issue(mug(1_000_000_000, '999999999999')))
      .thenRejected({ code: 'total-too-large' });
    given()
      .when(issue(...Array.from({ length: MAX_LINES + 1 }, () => mug(1))))
      .thenRejected({ code: 'too-many-lines', allowed: MAX_LINES });
    given()
      .when({ type: 'IssueCreditNote', data: { ...about, currency: '', lines: [mug(1)] } })
      .thenRejected({ code: 'currency-unknown', currency: '' });
  });
});

test('a history that no command wrote stops the fold', () => {
  const once = issued(255n, line(1, mug(1), 255n));
  given(once, once).thenCorrupt(/CreditNoteIssued twice/);
  given(issued(0n)).thenCorrupt(/without lines/);
  given(issued(254n, line(1, mug(1), 255n))).thenCorrupt(/total of 254, its lines add up to 255/);
  given(issued(255n, line(0, mug(1), 255n))).thenCorrupt(/numbers line 1 as 0/);
});

test('whatever is asked, what is issued adds up and names no more units than it gives back', () => {
  const anyOrigin = fc.record({
    orderId: fc.constantFrom('o1', 'o2'),
    line: fc.integer({ min: 1, max: 3 }),
    quantity: fc.oneof({ arbitrary: fc.integer({ min: 1, max: 4 }), weight: 8 }, fc.double()),
  });
  const anyLine = fc
    .record({
      quantity: fc.oneof({ arbitrary: fc.integer({ min: 1, max: 9 }), weight: 8 }, fc.double()),
      unitPrice: fc.oneof({ arbitrary: fc.constantFrom('0', '0.005', '2.55', '1.0049'), weight: 8 }, fc.string()),
      origins: fc.array(anyOrigin, { maxLength: 2 }),
    })
    .map(({ quantity, unitPrice, origins }) => mug(quantity, unitPrice, ...origins));
  fc.assert(
    fc.property(fc.array(fc.array(anyLine, { maxLength: 4 }), { maxLength: 3 }), (notes) => {
      const steps = run(
        creditNote,
        notes.map((lines) => ({ command: issue(...lines), at: NOON })),
      );
      const events = steps.flatMap((step) => step.events);
      expect(events.length).toBeLessThanOrEqual(1);
      for (const { data } of events) {
        expect(data.lines.reduce((sum, { minor }) => sum + minor, 0n)).toBe(data.totalMinor);
        for (const { quantity, origins = [] } of data.lines) {
          expect(origins.reduce((sum, origin) => sum + origin.quantity, 0)).toBeLessThanOrEqual(quantity);
        }
      }
    }),
    { numRuns: 300 },
  );
});
