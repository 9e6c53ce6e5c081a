import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stock } from '../../src/domain/stock/stock.decider.js';
import type { StockCommand } from '../../src/domain/stock/stock.commands.js';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import type { StockState } from '../../src/domain/stock/stock.state.js';
import * as shelf from './shelf.js';

const codec = stock.saved!;
const textOf = (state: StockState): string => JSON.stringify([...codec.save(state)]);
const throughText = (state: StockState): StockState => codec.load(JSON.parse(textOf(state)) as unknown[]);

const few = fc.integer({ min: 1, max: 4 });
const anyId = fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5', 'r6');
const anyTransfer = fc.constantFrom('t1', 't2', 't3');
const expiry = fc.integer({ min: 2, max: 30 }).map(shelf.past);
const anyCommand: fc.Arbitrary<StockCommand> = fc.oneof(
  { arbitrary: few.map(shelf.receive), weight: 4 },
  fc.tuple(few, fc.constantFrom(undefined, 'damaged' as const)).map((of) => shelf.giveBack(...of)),
  few.map(shelf.writeOff),
  fc.constantFrom(-2, -1, 1).map(shelf.adjust),
  fc.integer({ min: 0, max: 6 }).map(shelf.count),
  { arbitrary: fc.tuple(anyId, few, expiry).map((of) => shelf.reserve(...of)), weight: 6 },
  fc.tuple(anyId, expiry).map((of) => shelf.extend(...of)),
  { arbitrary: anyId.map(shelf.commit), weight: 3 },
  { arbitrary: anyId.map(shelf.expire), weight: 2 },
  { arbitrary: anyId.map((id) => shelf.release(id)), weight: 2 },
  { arbitrary: fc.tuple(few, fc.option(anyId, { nil: undefined })).map((of) => shelf.ship(...of)), weight: 3 },
  fc.tuple(anyTransfer, few).map((of) => shelf.transfer(...of)),
  fc.tuple(anyTransfer, few).map((of) => shelf.arrive(...of)),
  fc.integer({ min: 0, max: 5 }).map(shelf.allow),
);
const anyStep = fc.record({ command: anyCommand, minute: fc.integer({ min: 0, max: 20 }) });
type Step = Readonly<{ command: StockCommand; minute: number }>;

/** Every state on the way, the first one before any command, and what each command came to. */
function statesAfter(steps: readonly Step[], begin: StockState) {
  const states = [begin];
  const decisions = steps.map(({ command, minute }) => {
    const before = states.at(-1)!;
    const decision = stock.decide(command, before, shelf.past(minute));
    const events: readonly StockEvent[] = decision.outcome === 'accepted' ? decision.events : [];
    states.push(events.reduce((state, event) => stock.evolve(state, event), before));
    return decision;
  });
  return { states, decisions };
}

test('a shelf that was saved at any moment goes on as one that was not', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60, size: 'max' }), fc.nat(), (steps, at) => {
      const cut = at % (steps.length + 1);
      const whole = statesAfter(steps, stock.initial);
      const rest = statesAfter(steps.slice(cut), throughText(whole.states[cut]!));
      expect(rest.decisions).toEqual(whole.decisions.slice(cut));
      expect(textOf(rest.states.at(-1)!)).toBe(textOf(whole.states.at(-1)!));
    }),
    { numRuns: 300 },
  );
});

test('what is saved is this, under this version: whoever changes the one has to raise the other', () => {
  const commands = [
    shelf.receive(20),
    shelf.giveBack(3, 'damaged'),
    shelf.writeOff(1),
    shelf.allow(4),
    shelf.reserve('r1', 5, shelf.past(15)),
    shelf.reserve('r2', 6, shelf.past(20)),
    shelf.reserve('r3', 2, shelf.past(25)),
    shelf.reserve('r4', 1, shelf.past(25)),
    shelf.extend('r1', shelf.past(30)),
    shelf.commit('r2'),
    shelf.ship(4, 'r2'),
    shelf.ship(1, 'r3'),
    shelf.release('r4'),
    shelf.reserve('r5', 1, shelf.past(2)),
    shelf.count(14),
  ];
  const atOnce = commands.map((command) => ({ command, minute: 1 }));
  const later = [shelf.expire('r5'), shelf.receive(3), shelf.transfer('t1', 2), shelf.arrive('t2', 1)];
  const last = [
    { command: shelf.reserve('r6', 8, shelf.past(5)), minute: 4 },
    { command: shelf.ship(7), minute: 6 },
  ];
  const steps = [...atOnce, ...later.map((command) => ({ command, minute: 3 })), ...last];
  const { states, decisions } = statesAfter(steps, stock.initial);
  expect(decisions.filter(({ outcome }) => outcome === 'rejected')).toEqual([]);
  const [at2, at5, at15, at20, at25, at30] = [2, 5, 15, 20, 25, 30].map(shelf.past);
  expect(codec.version).toBe(2);
  const [[fields], ...maps] = JSON.parse(textOf(states.at(-1)!)) as [[unknown], ...unknown[]];
  expect([fields, ...maps]).toEqual([
    { onHand: 9, damaged: 2, commitments: 1, backorderLimit: 4 },
    [
      'holds',
      [
        [`${at25} r3`, { reservationId: 'r3', quantity: 1, expiresAt: at25, made: 2 }],
        [`${at30} r1`, { reservationId: 'r1', quantity: 5, expiresAt: at30, made: 0 }],
      ],
    ],
    ['dropped', [[`${at5} r6`, { reservationId: 'r6', quantity: 8, expiresAt: at5, made: 5 }]]],
    ['allocations', [['0000000000000000', { reservationId: 'r2', quantity: 2 }]]],
    [
      'reserved',
      [
        ['r1', { quantity: 5, expiresAt: at15, until: at30 }],
        ['r2', { quantity: 6, expiresAt: at20, until: at20, commitment: 0 }],
        ['r3', { quantity: 2, expiresAt: at25, until: at25 }],
        ['r4', { quantity: 1, expiresAt: at25, until: at25 }],
        ['r5', { quantity: 1, expiresAt: at2, until: at2, hasExpired: true }],
        ['r6', { quantity: 8, expiresAt: at5, until: at5 }],
      ],
    ],
    [
      'transfers',
      [
        ['in york t2', { place: 'york', quantity: 1 }],
        ['out t1', { place: 'york', quantity: 2, arrives: 'when-received' }],
      ],
    ],
  ]);
});
