import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StockCommand } from '../../src/domain/stock/stock.commands.js';
import { stock } from '../../src/domain/stock/stock.decider.js';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import { LOCATION, RESERVATION_ID } from '../../src/domain/stock/stock.ids.js';
import { availableAt, MAX_ON_HAND } from '../../src/domain/stock/stock.state.js';
import {
  adjust,
  adjusted,
  giveBack,
  past,
  receive,
  received,
  release,
  released,
  reserve,
  reserved,
  returned,
  SHELF as shelf,
  ship,
  shipped,
  short,
} from './shelf.js';
import { fold, NOON, run, specify } from './specify.js';

const { given } = specify(stock);

describe('units that come in', () => {
  test('are received, returned, or found in a count', () => {
    given().when(receive(5)).then(received(5));
    given().when(giveBack(5)).then(returned(5));
    given().when(adjust(5)).then(adjusted(5));
    given(received(1), returned(2), adjusted(3)).when(ship(6)).then(shipped(6));
  });
  test('keep the document that they came with, and leave out one they did not', () => {
    given()
      .when({ type: 'ReceiveStock', data: { ...shelf, quantity: 1, reference: 'note-7' } })
      .then({ type: 'StockReceived', data: { ...shelf, quantity: 1, reference: 'note-7' } });
  });
  test('are whole units, 1 to a thousand million', () => {
    for (const into of [receive, giveBack, adjust]) {
      given().when(into(0.5)).thenRejected({ code: 'quantity-not-whole' });
      given().when(into(Number.NaN)).thenRejected({ code: 'quantity-not-whole' });
      given().when(into(1_000_000_001)).thenRejected({ code: 'quantity-too-large' });
    }
    given().when(receive(1_000_000_000)).then(received(1_000_000_000));
    given().when(receive(0)).thenRejected({ code: 'quantity-not-positive' });
    given().when(giveBack(-1)).thenRejected({ code: 'quantity-not-positive' });
    given().when(adjust(0)).thenRejected({ code: 'delta-zero' });
    given().when(adjust(-0)).thenRejected({ code: 'delta-zero' });
  });
  test('fill a shelf to a million million and no further', () => {
    const full = Array.from({ length: 1000 }, () => received(1_000_000_000));
    for (const into of [receive, giveBack, adjust]) {
      given(...full)
        .when(into(1))
        .thenRejected({ code: 'on-hand-too-large', allowed: MAX_ON_HAND });
    }
    given(...full, shipped(1))
      .when(receive(1))
      .then(received(1));
  });
});

describe('units that go out', () => {
  test('can be the last one, not one more', () => {
    given(received(3)).when(ship(3)).then(shipped(3));
    given(received(3)).when(ship(4)).thenRejected(short(3, 4));
    given(received(3)).when(adjust(-3)).then(adjusted(-3));
    given(received(3)).when(adjust(-4)).thenRejected(short(3, 4));
    given().when(ship(1)).thenRejected(short(0, 1));
  });
  test('are not the reserved ones', () => {
    given(received(3), reserved('r1', 2)).when(ship(1)).then(shipped(1));
    given(received(3), reserved('r1', 2)).when(ship(2)).thenRejected(short(1, 2));
    given(received(3), reserved('r1', 2)).when(adjust(-2)).thenRejected(short(1, 2));
  });
  test('are whole units', () => {
    given(received(3)).when(ship(1.5)).thenRejected({ code: 'quantity-not-whole' });
    given(received(3)).when(ship(0)).thenRejected({ code: 'quantity-not-positive' });
    given(received(3)).when(ship(-1)).thenRejected({ code: 'quantity-not-positive' });
    given(received(3)).when(adjust(-1.5)).thenRejected({ code: 'quantity-not-whole' });
    given(received(3)).when(adjust(-2_000_000_000)).thenRejected({ code: 'quantity-too-large' });
    given(received(3), reserved('r1', 2)).when(ship(0.5, 'r1')).thenRejected({ code: 'quantity-not-whole' });
  });
});

describe('a reservation', () => {
  test('takes what is available and no more', () => {
    given(received(3)).when(reserve('r1', 3)).then(reserved('r1', 3));
    given(received(3)).when(reserve('r1', 4)).thenRejected(short(3, 4));
    given(received(3), reserved('r1', 2)).when(reserve('r2', 1)).then(reserved('r2', 1));
    given(received(3), reserved('r1', 2)).when(reserve('r2', 2)).thenRejected(short(1, 2));
    given(received(3)).when(reserve('r1', 0)).thenRejected({ code: 'quantity-not-positive' });
  });

  test('counts once: asked again with the same content it is there already, whatever became of it', () => {
    given(received(3), reserved('r1', 3)).when(reserve('r1', 3)).then();
    given(received(3), reserved('r1', 3)).when(reserve('r1', 3), past(60)).then();
    given(received(3), reserved('r1', 3), shipped(3, 'r1')).when(reserve('r1', 3)).then();
    given(received(3), reserved('r1', 3), released('r1', 3)).when(reserve('r1', 3)).then();
  });
  test('with other content under a known id is refused', () => {
    const known = given(received(9), reserved('r1', 3));
    known.when(reserve('r1', 2)).thenRejected({ code: 'reservation-id-reused', reservationId: 'r1' });
    known.when(reserve('r1', 3, past(16))).thenRejected({ code: 'reservation-id-reused', reservationId: 'r1' });
    known
      .when({
        type: 'ReserveStock',
        data: { ...shelf, reservationId: 'r1', quantity: 3, expiresAt: past(15), reference: 'o1' },
      })
      .thenRejected({ code: 'reservation-id-reused', reservationId: 'r1' });
  });

  test('ends in the future, written as a time in UTC with milliseconds', () => {
    given(received(3))
      .when(reserve('r1', 1, NOON))
      .thenRejected({ code: 'expiry-not-ahead', expiresAt: NOON });
    given(received(3))
      .when(reserve('r1', 1, past(-1)))
      .thenRejected({ code: 'expiry-not-ahead', expiresAt: past(-1) });
    given(received(3))
      .when(reserve('r1', 1, '2026-03-01T12:15:00Z'))
      .thenRejected({ code: 'expiry-malformed' });
    given(received(3))
      .when(reserve('r1', 1, 'tomorrow'))
      .thenRejected({ code: 'expiry-malformed' });
  });

  test('is free at its very expiry, without any event', () => {
    const history = [received(3), reserved('r1', 3)];
    given(...history)
      .when(ship(1), past(14.999))
      .thenRejected(short(0, 1));
    given(...history)
      .when(ship(3), past(15))
      .then(shipped(3));
    given(...history)
      .when(reserve('r2', 3, past(30)), past(15))
      .then(reserved('r2', 3, past(30)));
    given(...history)
      .when(adjust(-3), past(15))
      .then(adjusted(-3));
  });

  test('ships wholly or in parts, until nothing is left', () => {
    const history = [received(5), reserved('r1', 3)];
    given(...history)
      .when(ship(3, 'r1'))
      .then(shipped(3, 'r1'));
    given(...history)
      .when(ship(2, 'r1'))
      .then(shipped(2, 'r1'));
    given(...history, shipped(2, 'r1'))
      .when(ship(1, 'r1'))
      .then(shipped(1, 'r1'));
    given(...history)
      .when(ship(4, 'r1'))
      .thenRejected({ code: 'reservation-exceeded', reserved: 3, requested: 4 });
    given(...history, shipped(2, 'r1'))
      .when(ship(2, 'r1'))
      .thenRejected({ code: 'reservation-exceeded', reserved: 1, requested: 2 });
    given(...history, shipped(3, 'r1'))
      .when(ship(1, 'r1'))
      .thenRejected({ code: 'reservation-closed', reservationId: 'r1' });
    given(...history, shipped(2, 'r1'))
      .when(ship(2))
      .then(shipped(2));
    given(...history, shipped(2, 'r1'))
      .when(ship(3))
      .thenRejected(short(2, 3));
  });

  test('gives back what is left of it when it is released', () => {
    const history = [received(5), reserved('r1', 3)];
    given(...history)
      .when(release('r1'))
      .then(released('r1', 3));
    given(...history, shipped(1, 'r1'))
      .when(release('r1'))
      .then(released('r1', 2));
    given(...history, released('r1', 3))
      .when(ship(5))
      .then(shipped(5));
  });

  test('that is over can be neither shipped nor released', () => {
    for (const use of [ship(1, 'r1'), release('r1')]) {
      given(received(5)).when(use).thenRejected({ code: 'reservation-unknown', reservationId: 'r1' });
      given(received(5), reserved('r1', 3), released('r1', 3))
        .when(use)
        .thenRejected({ code: 'reservation-closed', reservationId: 'r1' });
      given(received(5), reserved('r1', 3))
        .when(use, past(15))
        .thenRejected({ code: 'reservation-expired', reservationId: 'r1' });
    }
  });

  test('that has expired is expired, also after its units have gone to somebody else', () => {
    given(received(3), reserved('r1', 3), shipped(3))
      .when(ship(1, 'r1'), past(20))
      .thenRejected({ code: 'reservation-expired', reservationId: 'r1' });
  });

  test('does not come back for a late command with an earlier time, once its units are promised to another', () => {
    const taken = [received(3), reserved('r1', 3), reserved('r2', 2, past(30))];
    given(...taken)
      .when(ship(1, 'r1'), past(5))
      .thenRejected({ code: 'reservation-expired', reservationId: 'r1' });
    given(...taken)
      .when(ship(2, 'r2'), past(5))
      .then(shipped(2, 'r2'));
  });

  test('loses its units only where they are needed: of several expired ones the earliest go first', () => {
    const history = [received(6), reserved('r1', 2, past(10)), reserved('r2', 2, past(20)), shipped(4)];
    given(...history)
      .when(ship(2, 'r2'))
      .then(shipped(2, 'r2'));
    given(...history)
      .when(ship(1, 'r1'))
      .thenRejected({ code: 'reservation-expired', reservationId: 'r1' });
  });
});

test('a history that no command wrote stops the fold', () => {
  given(shipped(1)).thenCorrupt(/0 on hand cannot change by -1/);
  given(adjusted(-1)).thenCorrupt(/0 on hand cannot change by -1/);
  given(received(1), adjusted(0)).thenCorrupt(/StockAdjusted by 0 units/);
  given(received(0)).thenCorrupt(/StockReceived of 0 units/);
  given(returned(1.5)).thenCorrupt(/StockReturned of 1.5 units/);
  given(received(5), shipped(-1)).thenCorrupt(/StockShipped of -1 units/);
  given(reserved('r1', 1)).thenCorrupt(/r1 of units that were not there/);
  given(received(2), reserved('r1', 2, past(20)), reserved('r2', 1, past(10))).thenCorrupt(/r2 of units/);
  given(received(2), reserved('r1', 1), reserved('r1', 1)).thenCorrupt(/r1 twice/);
  given(received(2), reserved('r1', 0)).thenCorrupt(/StockReserved of 0 units/);
  given(received(2), released('r1', 1)).thenCorrupt(/ReservationReleased of 1 from r1, which holds 0/);
  given(received(2), reserved('r1', 1), released('r1', 2)).thenCorrupt(/which holds 1/);
  given(received(2), reserved('r1', 1), shipped(2, 'r1')).thenCorrupt(/StockShipped of 2 from r1, which holds 1/);
  given(received(2), reserved('r1', 1), released('r1', 1), shipped(1, 'r1')).thenCorrupt(/which holds 0/);
  given(...Array.from({ length: 1001 }, () => received(1_000_000_000))).thenCorrupt(/cannot change by/);
});

test('no number is absurd enough to break it', () => {
  const absurd = fc.oneof(
    fc.double(),
    fc.constantFrom(-0, 1e300, 2 ** 53, 1_000_000_001, Number.NaN, Infinity, -Infinity, 0.1),
  );
  const absurdCommand: fc.Arbitrary<StockCommand> = fc.oneof(
    absurd.map(receive),
    absurd.map(giveBack),
    absurd.map(adjust),
    absurd.map((quantity) => reserve('r1', quantity)),
    absurd.map((quantity) => ship(quantity)),
    absurd.map((quantity) => ship(quantity, 'r0')),
    fc.string().map((expiresAt) => reserve('r1', 1, expiresAt)),
  );
  const sane = [receive(9), reserve('r0', 2)].map((command) => ({ command, at: NOON }));
  fc.assert(
    fc.property(fc.array(absurdCommand, { maxLength: 10 }), (commands) => {
      for (const { after } of run(stock, [...sane, ...commands.map((command) => ({ command, at: NOON }))])) {
        expect(Number.isSafeInteger(after.onHand) && after.onHand >= 0).toBe(true);
      }
    }),
  );
});

// Seconds would be minutes, and the runner's limit passed, where each event copied what is open.
test('a shelf keeps a hundred thousand open reservations', () => {
  const history: StockEvent[] = [received(1_000_000_000)];
  for (let n = 0; n < 100_000; n++) history.push(reserved(`r${n}`, 1, past(n % 1000)));
  for (let n = 0; n < 50_000; n++) history.push(shipped(1, `r${n}`));
  const state = history.reduce((folded, event) => stock.evolve(folded, event), stock.initial);
  for (let n = 0; n < 10_000; n++) stock.decide(reserve('new', 1_000_000_000), state, past(n % 1000));
  expect(state.holds.size).toBe(50_000);
  expect(availableAt(state, past(-1))).toBe(1_000_000_000 - 100_000);
});

test('folding in another process gives the same state', () => {
  const history = [received(5), reserved('r1', 2), shipped(1, 'r1'), released('r1', 1)];
  const copy = JSON.parse(JSON.stringify(history)) as StockEvent[];
  expect(fold(stock, copy)).toStrictEqual(fold(stock, history));
});

test.each(['main', 'wh-1', '0', 'x'.repeat(32)])('%s is a location', (text) => expect(text).toMatch(LOCATION));
test.each(['', 'Main', '-a', 'a@b', 'a b', 'a\n', 'x'.repeat(33)])('%j is no location', (text) =>
  expect(text).not.toMatch(LOCATION),
);
test.each(['rsv_01J-9.x', 'R', '7'])('%s is a reservation id', (text) => expect(text).toMatch(RESERVATION_ID));
test.each(['', '-r', 'r 1', 'r/1', 'r\n', 'x'.repeat(65)])('%j is no reservation id', (text) =>
  expect(text).not.toMatch(RESERVATION_ID),
);
