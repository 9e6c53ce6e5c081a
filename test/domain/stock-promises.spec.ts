import { describe, expect, test } from '@jest/globals';
import { demandOf } from '../../src/domain/stock/demand.js';
import { cannotArrive } from '../../src/domain/stock/movements.js';
import { stock } from '../../src/domain/stock/stock.decider.js';
import { MAX_ON_HAND } from '../../src/domain/stock/stock.state.js';
import {
  adjust,
  adjusted,
  allow,
  allowed,
  arrive,
  arrived,
  commit,
  committed,
  count,
  counted,
  expire,
  expired,
  extend,
  extended,
  giveBack,
  past,
  received,
  release,
  released,
  releasedCommitted,
  reserve,
  reserved,
  returned,
  sent,
  SHELF,
  ship,
  shipped,
  shippedCommitted,
  short,
  transfer,
  writeOff,
  writtenOff,
} from './shelf.js';
import { specify } from './specify.js';

const { given } = specify(stock);
const about = (reservationId: string) => ({ reservationId });

describe('a reservation that is extended', () => {
  const history = [received(3), reserved('r1', 2)];
  test('lasts longer, and says what it holds', () => {
    given(...history)
      .when(extend('r1', past(30)))
      .then(extended('r1', 2, past(30)));
    const longer = given(...history, extended('r1', 2, past(30)));
    longer.when(ship(2, 'r1'), past(20)).then(shipped(2, 'r1'));
    longer.when(ship(2), past(20)).thenRejected(short(1, 2));
    longer.when(ship(1, 'r1'), past(30)).thenRejected({ code: 'reservation-expired', ...about('r1') });
  });
  test('is never made shorter; the end it has already needs nothing', () => {
    given(...history)
      .when(extend('r1', past(14)))
      .thenRejected({ code: 'expiry-not-later', expiresAt: past(15) });
    given(...history)
      .when(extend('r1', past(15)))
      .then();
    given(...history)
      .when(extend('r1', '2026-03-01T13:00:00Z'))
      .thenRejected({ code: 'expiry-malformed' });
  });
  test('must not have ended: its units may be gone', () => {
    given(...history)
      .when(extend('r1', past(30)), past(15))
      .thenRejected({ code: 'reservation-expired', ...about('r1') });
    given(...history)
      .when(extend('r2', past(30)))
      .thenRejected({ code: 'reservation-unknown', ...about('r2') });
    given(...history, released('r1', 2))
      .when(extend('r1', past(30)))
      .thenRejected({ code: 'reservation-closed', ...about('r1') });
  });
  test('is still the same reservation for whoever repeats the first request', () => {
    given(...history, extended('r1', 2, past(30)))
      .when(reserve('r1', 2))
      .then();
  });
});

describe('a reservation that is committed', () => {
  const history = [received(3), reserved('r1', 2), committed('r1', 2)];
  test('does not expire: its units wait for it', () => {
    given(received(3), reserved('r1', 2)).when(commit('r1')).then(committed('r1', 2));
    given(...history)
      .when(ship(2, 'r1'), past(999))
      .then(shippedCommitted(2, 'r1'));
    given(...history)
      .when(ship(2), past(999))
      .thenRejected(short(1, 2));
    given(...history)
      .when(reserve('r2', 2, past(1000)), past(999))
      .thenRejected(short(1, 2));
  });
  test('commits what is left of it, once', () => {
    given(received(3), reserved('r1', 2), shipped(1, 'r1')).when(commit('r1')).then(committed('r1', 1));
    given(...history)
      .when(commit('r1'), past(999))
      .then();
  });
  test('ends when it is shipped or released, with a reason if there is one', () => {
    given(...history)
      .when(release('r1'), past(999))
      .then(releasedCommitted('r1', 2));
    given(...history)
      .when(release('r1', 'paid too late'), past(999))
      .then({
        type: 'ReservationReleased',
        data: { ...SHELF, reservationId: 'r1', quantity: 2, committed: true, reason: 'paid too late' },
      });
    given(...history, shippedCommitted(1, 'r1'))
      .when(release('r1'))
      .then(releasedCommitted('r1', 1));
    for (const over of [shippedCommitted(2, 'r1'), releasedCommitted('r1', 2)]) {
      for (const use of [ship(1, 'r1'), release('r1'), commit('r1'), extend('r1', past(30))]) {
        given(...history, over)
          .when(use, past(999))
          .thenRejected({ code: 'reservation-closed', ...about('r1') });
      }
    }
  });
  test('needs no more time, and could not be committed after its end', () => {
    given(...history)
      .when(extend('r1', past(30)))
      .thenRejected({ code: 'reservation-committed', ...about('r1') });
    given(received(3), reserved('r1', 2))
      .when(commit('r1'), past(15))
      .thenRejected({ code: 'reservation-expired', ...about('r1') });
  });
});

describe('a count', () => {
  test('is a fact with its difference, also where it agrees', () => {
    given(received(3)).when(count(5)).then(counted(5, 2));
    given(received(3)).when(count(3)).then(counted(3, 0));
    given(received(3)).when(count(0)).then(counted(0, -3));
    given().when(count(0)).then(counted(0, 0));
    given(received(3), counted(5, 2)).when(ship(5)).then(shipped(5));
  });
  test('may not take away what is promised without anybody being told', () => {
    const promised = [received(5), reserved('r1', 2), reserved('r2', 1), committed('r2', 1)];
    given(...promised)
      .when(count(3))
      .then(counted(3, -2));
    given(...promised)
      .when(count(2))
      .thenRejected({ code: 'count-below-promised', counted: 2, promised: 3 });
    given(...promised)
      .when(count(2), past(15))
      .then(counted(2, -3));
    given(...promised, allowed(1))
      .when(count(2))
      .then(counted(2, -3));
    given(...promised, allowed(1))
      .when(adjust(-3))
      .then(adjusted(-3));
    given(...promised, allowed(1))
      .when(adjust(-4))
      .thenRejected(short(3, 4));
  });
  test('is a whole number that a shelf can hold', () => {
    given().when(count(1.5)).thenRejected({ code: 'quantity-not-whole' });
    given().when(count(-1)).thenRejected({ code: 'count-negative' });
    given()
      .when(count(MAX_ON_HAND + 1))
      .thenRejected({ code: 'on-hand-too-large', allowed: MAX_ON_HAND });
  });
});

describe('damaged units', () => {
  test('come back apart from those on hand, and are never available', () => {
    given().when(giveBack(2, 'damaged')).then(returned(2, 'damaged'));
    given().when(giveBack(2, 'sellable')).then(returned(2));
    given(returned(2, 'damaged')).when(ship(1)).thenRejected(short(0, 1));
    given(returned(2, 'damaged')).when(count(0)).then(counted(0, 0));
  });
  test('are written off, as far as there are any', () => {
    given(returned(2, 'damaged')).when(writeOff(2)).then(writtenOff(2));
    given(returned(2, 'damaged'), writtenOff(1))
      .when(writeOff(2))
      .thenRejected({ code: 'insufficient-damaged-stock', damaged: 1, requested: 2 });
    given(received(2)).when(writeOff(1)).thenRejected({ code: 'insufficient-damaged-stock', damaged: 0, requested: 1 });
    given(returned(2, 'damaged')).when(writeOff(0)).thenRejected({ code: 'quantity-not-positive' });
  });
});

describe('that a reservation has expired', () => {
  const held = [received(3), reserved('r1', 2)];
  test('is said from its end on, of what it holds then', () => {
    given(...held)
      .when(expire('r1'), past(15))
      .then(expired('r1', 2));
    given(...held, shipped(1, 'r1'))
      .when(expire('r1'), past(99))
      .then(expired('r1', 1));
    given(...held)
      .when(expire('r1'), past(14))
      .then();
  });
  test('is said of the end that it has now', () => {
    const longer = [...held, extended('r1', 2, past(30))];
    given(...longer)
      .when(expire('r1'), past(20))
      .then();
    given(...longer)
      .when(expire('r1'), past(30))
      .then(expired('r1', 2, past(30)));
  });
  test('is said as well when its units have found another taker', () => {
    given(...held, reserved('r2', 3, past(60)))
      .when(expire('r1'), past(20))
      .then(expired('r1', 2));
  });
  test.each([
    ['said before', expired('r1', 2)],
    ['committed', committed('r1', 2)],
    ['released', released('r1', 2)],
    ['shipped', shipped(2, 'r1')],
  ])('is not said of one that was %s', (_, end) => {
    given(...held, end)
      .when(expire('r1'), past(20))
      .then();
  });
  test('ends it for whoever comes later, whatever their clock says', () => {
    for (const late of [ship(1, 'r1'), commit('r1'), release('r1')]) {
      given(...held, expired('r1', 2))
        .when(late, past(20))
        .thenRejected({ code: 'reservation-expired', reservationId: 'r1' });
      given(...held, expired('r1', 2))
        .when(late, past(14))
        .thenRejected({ code: 'reservation-expired', reservationId: 'r1' });
      given(...held, reserved('r2', 3, past(60)))
        .when(late, past(14))
        .thenRejected({ code: 'reservation-expired', reservationId: 'r1' });
    }
    given(...held, expired('r1', 2))
      .when(ship(3), past(14))
      .then(shipped(3));
  });
  test('cannot be said of one that nobody made', () => {
    given(received(3)).when(expire('r1')).thenRejected({ code: 'reservation-unknown', reservationId: 'r1' });
  });
});

describe('a transfer', () => {
  test('takes what is available, and brings it', () => {
    given(received(3), reserved('r1', 1)).when(transfer('t1', 2)).then(sent('t1', 2));
    given(received(3), reserved('r1', 1)).when(transfer('t1', 3)).thenRejected(short(2, 3));
    given().when(arrive('t1', 2)).then(arrived('t1', 2));
    given(arrived('t1', 2)).when(ship(2)).then(shipped(2));
  });
  test('counts once on each side, whatever came after it', () => {
    given(received(3), sent('t1', 2), shipped(1)).when(transfer('t1', 2)).then();
    given(arrived('t1', 2), shipped(2)).when(arrive('t1', 2)).then();
    given(arrived('t1', 2)).when(transfer('t1', 2)).then(sent('t1', 2));
  });
  test('with other content under a known id is refused', () => {
    const reused = { code: 'transfer-id-reused', transferId: 't1' } as const;
    given(received(3), sent('t1', 2)).when(transfer('t1', 1)).thenRejected(reused);
    given(received(3), sent('t1', 2))
      .when(transfer('t1', 2, 'bath'))
      .thenRejected(reused);
    given(arrived('t1', 2)).when(arrive('t1', 3)).thenRejected(reused);
    given(received(3), sent('t1', 2))
      .when(transfer('t1', 2, 'york', 'at-once'))
      .thenRejected(reused);
  });
  test('is named by the shelf that sends it: two may use the same id, and both arrive', () => {
    given(arrived('t1', 2))
      .when(arrive('t1', 2, 'bath'))
      .then(arrived('t1', 2, 'bath'));
  });
  test('says when it arrives at once, and nothing of the other way', () => {
    given(received(3))
      .when(transfer('t1', 2, 'york', 'at-once'))
      .then(sent('t1', 2, 'york', 'at-once'));
    given(received(3))
      .when(transfer('t1', 2, 'york', 'when-received'))
      .then(sent('t1', 2));
    given(received(3), sent('t1', 2, 'york', 'at-once'))
      .when(transfer('t1', 2, 'york', 'at-once'))
      .then();
  });
  test('arrives as it was sent or not at all', () => {
    const arriving = { ...SHELF, transferId: 't1', from: 'york', quantity: 2 };
    expect(cannotArrive(arriving, { place: SHELF.location, quantity: 2 })).toBeUndefined();
    expect(cannotArrive(arriving, undefined)).toEqual({ code: 'transfer-unknown', transferId: 't1' });
    for (const sent of [
      { place: SHELF.location, quantity: 3 },
      { place: 'bath', quantity: 2 },
    ]) {
      const differs = { code: 'transfer-differs', transferId: 't1', to: sent.place, sent: sent.quantity };
      expect(cannotArrive(arriving, sent)).toEqual(differs);
    }
    const inPlace = { code: 'transfer-within-location', location: SHELF.location };
    expect(cannotArrive({ ...arriving, from: SHELF.location }, undefined)).toEqual(inPlace);
  });
  test('leads from one location to another, of whole units', () => {
    const { location } = SHELF;
    given(received(3))
      .when(transfer('t1', 1, location))
      .thenRejected({ code: 'transfer-within-location', location });
    given()
      .when(arrive('t1', 1, location))
      .thenRejected({ code: 'transfer-within-location', location });
    given(received(3)).when(transfer('t1', 0)).thenRejected({ code: 'quantity-not-positive' });
    given().when(arrive('t1', 0.5)).thenRejected({ code: 'quantity-not-whole' });
  });
});

describe('backorders', () => {
  test('are taken up to the limit, and say how many units are not there', () => {
    given(allowed(2), received(3))
      .when(reserve('r1', 5))
      .then(reserved('r1', 5, past(15), 2));
    given(allowed(2), received(3)).when(reserve('r1', 3)).then(reserved('r1', 3));
    given(allowed(2), received(3)).when(reserve('r1', 6)).thenRejected(short(5, 6));
    const full = given(allowed(4), received(3), reserved('r1', 5, past(15), 2));
    full.when(reserve('r2', 2)).then(reserved('r2', 2, past(15), 2));
    full.when(reserve('r2', 3)).thenRejected(short(2, 3));
  });
  test('of a reservation that has expired are free at once', () => {
    const history = [allowed(2), received(3), reserved('r1', 5, past(15), 2)];
    given(...history)
      .when(reserve('r2', 5, past(30)), past(15))
      .then(reserved('r2', 5, past(30), 2));
    given(...history, reserved('r2', 5, past(30), 2))
      .when(ship(1, 'r1'), past(5))
      .thenRejected({ code: 'reservation-expired', ...about('r1') });
  });
  test('do not leave before they are there', () => {
    const history = [allowed(9), received(1), reserved('r1', 2, past(15), 1)];
    given(...history)
      .when(ship(1, 'r1'))
      .then(shipped(1, 'r1'));
    given(...history)
      .when(ship(2, 'r1'))
      .thenRejected({ code: 'reservation-backordered', covered: 1, requested: 2 });
    given(...history)
      .when(ship(1))
      .thenRejected(short(0, 1));
    given(...history, received(1))
      .when(ship(2, 'r1'))
      .then(shipped(2, 'r1'));
  });
  test('are covered as units arrive: committed ones by commitment, then the oldest', () => {
    const history = [
      allowed(9),
      reserved('old', 2, past(15), 2),
      reserved('young', 2, past(14), 2),
      reserved('paid', 2, past(15), 2),
      committed('paid', 2),
      received(3),
    ];
    given(...history)
      .when(ship(2, 'paid'))
      .then(shippedCommitted(2, 'paid'));
    given(...history)
      .when(ship(1, 'old'))
      .then(shipped(1, 'old'));
    given(...history)
      .when(ship(2, 'old'))
      .thenRejected({ code: 'reservation-backordered', covered: 1, requested: 2 });
    given(...history)
      .when(ship(1, 'young'))
      .thenRejected({ code: 'reservation-backordered', covered: 0, requested: 1 });
    given(...history, committed('young', 2))
      .when(ship(1, 'young'))
      .then(shippedCommitted(1, 'young'));
    given(...history, committed('young', 2))
      .when(ship(1, 'old'))
      .thenRejected({ code: 'reservation-backordered', covered: 0, requested: 1 });
  });
  test('stay as they are when the limit is lowered; new ones find no room', () => {
    const history = [allowed(2), received(1), reserved('r1', 3, past(15), 2), allowed(0)];
    given(...history)
      .when(reserve('r2', 1))
      .thenRejected(short(0, 1));
    given(...history)
      .when(commit('r1'))
      .then(committed('r1', 3));
    given(...history, received(2))
      .when(ship(3, 'r1'))
      .then(shipped(3, 'r1'));
  });
  test('have a limit of 0 or more whole units, said as often as one likes', () => {
    given().when(allow(0)).then(allowed(0));
    given(allowed(5)).when(allow(5)).then(allowed(5));
    given().when(allow(-1)).thenRejected({ code: 'backorder-limit-negative' });
    given().when(allow(0.5)).thenRejected({ code: 'quantity-not-whole' });
    given().when(allow(1_000_000_001)).thenRejected({ code: 'quantity-too-large' });
  });
});

test('a history that no command wrote stops the fold', () => {
  const held = [received(2), reserved('r1', 2)];
  given(...held, extended('r1', 1, past(30))).thenCorrupt(/ReservationExtended of 1 from r1, which holds 2/);
  given(...held, extended('r1', 2, past(15))).thenCorrupt(/r1 extended back/);
  given(...held, extended('r2', 2, past(30))).thenCorrupt(/of r2, which holds nothing/);
  given(...held, expired('r1', 1)).thenCorrupt(/ReservationExpired of 1 from r1, which holds 2/);
  given(...held, expired('r1', 2, past(16))).thenCorrupt(/holds nothing until/);
  given(...held, expired('r1', 2), expired('r1', 2)).thenCorrupt(/holds nothing until/);
  given(...held, committed('r1', 1)).thenCorrupt(/ReservationCommitted of 1 from r1, which holds 2/);
  given(...held, committed('r1', 2), committed('r1', 2)).thenCorrupt(/of r1, which holds nothing/);
  given(...held, committed('r1', 2), shipped(1, 'r1')).thenCorrupt(/says that r1 is not committed/);
  given(...held, shippedCommitted(1, 'r1')).thenCorrupt(/says that r1 is committed/);
  given(...held, committed('r1', 2), shippedCommitted(1, 'r1'), releasedCommitted('r1', 2)).thenCorrupt(/holds 1/);
  given(...held, committed('r1', 2), shipped(1)).thenCorrupt(/2 allocated, with 1 on hand/);
  given(...held, committed('r1', 2), adjusted(-1)).thenCorrupt(/2 allocated, with 1 on hand/);
  given(received(1), reserved('r1', 2, past(15), 1)).thenCorrupt(/1 of 2 units backordered, with a limit of 0/);
  given(allowed(9), reserved('r1', 2, past(15), 3)).thenCorrupt(/3 of 2 units backordered/);
  given(received(2), counted(3, 2)).thenCorrupt(/StockCounted 3 by 2, with 2 on hand/);
  given(returned(1, 'damaged'), writtenOff(2)).thenCorrupt(/1 damaged cannot change by -2/);
  given(received(2), sent('t1', 1), sent('t1', 1)).thenCorrupt(/StockTransferredOut t1 twice/);
  given(arrived('t1', 1), arrived('t1', 1)).thenCorrupt(/StockTransferredIn t1 twice/);
  given(received(1), sent('t1', 2)).thenCorrupt(/cannot change by -2/);
  given(allowed(-1)).thenCorrupt(/Backorder limit of -1/);
});

test('the demand of an order is goods only, one sum per SKU', () => {
  const line = (kind: 'goods' | 'charge' | 'voucher', sku: string, quantity: number) => ({ kind, sku, quantity });
  const lines = [
    line('goods', 'TRAY', 2),
    line('charge', 'POST', 1),
    line('goods', 'MUG', 1),
    line('goods', 'TRAY', 3),
  ];
  expect(demandOf([...lines, line('voucher', 'GIFT', 1)])).toEqual([
    { sku: 'MUG', quantity: 1 },
    { sku: 'TRAY', quantity: 5 },
  ]);
  expect(demandOf([])).toEqual([]);
});
