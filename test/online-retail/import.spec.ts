import { copyFileSync, existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { StoreUnavailable, type EventStore } from '../../src/application/ports/event-store.js';
import { ImportedFromAnotherFile } from '../../apps/ledger/online-retail/import/opening-stock.js';
import { runOrder } from '../../src/application/order/run-order.handler.js';
import { runStock } from '../../src/application/stock/run-stock.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { CreditNoteEvent } from '../../src/domain/credit-note/credit-note.events.js';
import type { OrderEvent } from '../../src/domain/order/order.events.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { contentOf, eventsOf, factsOf, fileOf, importFile, importRows, ledgerOf, SHOP } from './shop.js';

type Placed = Extract<OrderEvent, { type: 'OrderPlaced' }>['data'];
type Issued = Extract<CreditNoteEvent, { type: 'CreditNoteIssued' }>['data'];

const first = async <T extends object>(store: EventStore, stream: string): Promise<T> =>
  (await factsOf(store, stream))[0]?.[1] as T;
const typesOf = async (store: EventStore, stream: string): Promise<string[]> =>
  (await factsOf(store, stream)).map(([type]) => type);
async function onHand(store: EventStore, sku: string): Promise<number> {
  let level = 0;
  for (const [type, data] of await factsOf(store, `stock-${sku}@main`)) {
    const { quantity = 0, delta = 0 } = data as { quantity?: number; delta?: number };
    level += type === 'StockAdjusted' ? delta : type === 'StockShipped' ? -quantity : quantity;
  }
  return level;
}

describe('an order (O1: goods, known customer; O3: service charge)', () => {
  test('is placed with every line as written, confirmed, paid in full, taken off the shelves and shipped', async () => {
    const { store } = await ledgerOf(SHOP);
    const mug = { kind: 'goods', sku: '10001', quantity: 6, unitPrice: '2.5', name: 'RED MUG', minor: 1500n };
    const blue = { kind: 'goods', sku: '10002A', name: 'BLUE MUG, LARGE' };
    expect(await first<Placed>(store, 'order-600001')).toEqual({
      orderId: '600001',
      customerId: '501',
      country: 'United Kingdom',
      currency: 'GBP',
      documentDay: '2010-12-01',
      totalMinor: 5570n,
      lines: [
        { line: 1, ...mug },
        { line: 2, ...mug }, // an identical row is an ordinary line
        { line: 3, ...blue, quantity: 4, unitPrice: '1.25', minor: 500n, writtenAs: '10002a' },
        { line: 4, ...blue, quantity: 2, unitPrice: '1.35', minor: 270n },
        { line: 5, kind: 'charge', sku: 'POST', name: 'POSTAGE', quantity: 1, unitPrice: '18', minor: 1800n },
      ],
    });
    const types = ['OrderPlaced', 'OrderConfirmed', 'OrderShipped', 'OrderReturned', 'OrderReturned', 'OrderReturned'];
    expect(await typesOf(store, 'order-600001')).toEqual(types);
    expect((await factsOf(store, 'payment-online-retail-600001'))[0]).toEqual([
      'PaymentRecorded',
      {
        paymentId: 'online-retail-600001',
        orderId: '600001',
        amount: { minor: 5570n, currency: 'GBP' },
        method: 'unknown',
      },
    ]);
    // One movement per SKU: both lines of mugs, both ways of writing the blue one; none for postage.
    expect((await factsOf(store, 'stock-10001@main'))[1]).toEqual([
      'StockShipped',
      { sku: '10001', location: 'main', quantity: 12, reference: '600001' },
    ]);
    expect((await factsOf(store, 'stock-10002A@main'))[1]).toMatchObject(['StockShipped', { quantity: 6 }]);
  });

  test('of a guest (O2) has no customer; free lines (F2) and vouchers (O4) stand in it', async () => {
    const { store } = await ledgerOf(SHOP);
    const order = await first<Placed>(store, 'order-600002');
    expect(order).not.toHaveProperty('customerId');
    expect(order.totalMinor).toBe(5701n);
    expect(order.lines).toMatchObject([
      { kind: 'goods', sku: '10001', minor: 3000n },
      { kind: 'goods', sku: '10003', minor: 0n },
      { kind: 'voucher', sku: 'GIFT_0001_20', writtenAs: 'gift_0001_20', minor: 1702n },
      { kind: 'charge', sku: 'DOT', minor: 999n },
    ]);
    expect(order.lines[1]).not.toHaveProperty('name');
    expect((await factsOf(store, 'stock-10003@main'))[1]).toMatchObject(['StockShipped', { quantity: 5 }]);
  });

  test('that costs nothing (F1) ships without a payment', async () => {
    const { store } = await ledgerOf(SHOP);
    expect(await typesOf(store, 'order-600003')).toEqual(['OrderPlaced', 'OrderConfirmed', 'OrderShipped']);
    expect(await factsOf(store, 'payment-online-retail-600003')).toEqual([]);
    expect(await first<Placed>(store, 'order-600003')).toMatchObject({ country: 'EIRE', totalMinor: 0n });
  });

  test('with fractions of a penny rounds each line once', async () => {
    const { store } = await ledgerOf(SHOP);
    const order = await first<Placed>(store, 'order-600015');
    expect(order.lines.map(({ sku, unitPrice, minor }) => [sku, unitPrice, minor])).toEqual([
      ['10001', '2.5', 250n],
      ['PADS', '0.001', 0n],
      ['BANK-CHARGES', '15', 1500n],
    ]);
    expect(order.lines[2]).toMatchObject({ writtenAs: 'BANK CHARGES' });
    expect(order.totalMinor).toBe(1750n);
  });

  test('happens at the shop’s wall clock time, in UTC, and keeps the day on its document', async () => {
    const events = await eventsOf((await ledgerOf(SHOP)).store);
    const at = (stream: string) => events.find((event) => event.stream === stream)?.metadata.occurredAt;
    expect(at('order-600001')).toBe('2010-12-01T08:26:00.000Z');
    expect(at('order-600015')).toBe('2011-06-30T23:30:00.000Z');
    expect(events.find(({ stream }) => stream === 'order-600015')?.data).toMatchObject({ documentDay: '2011-07-01' });
    expect(at('order-600006')).toBe('2010-12-03T12:00:00.000Z'); // two timestamps: the first
    expect(at('product-10005')).toBe('2010-12-01T08:26:00.000Z'); // listed when the file begins
  });
});

describe('a credit note (C)', () => {
  test('finds a whole line at the same price, although the invoices are interleaved, and gives its money back', async () => {
    const { store } = await ledgerOf(SHOP);
    expect(await first<Issued>(store, 'creditnote-C600007')).toMatchObject({
      customerId: '501',
      totalMinor: 1650n,
      documentDay: '2010-12-03',
      lines: [
        {
          kind: 'goods',
          sku: '10001',
          quantity: 6,
          minor: 1500n,
          origins: [{ orderId: '600001', line: 2, quantity: 6 }],
        },
        { kind: 'discount', sku: 'D', quantity: 1, minor: 150n }, // C1: no stock, no original
      ],
    });
    expect((await factsOf(store, 'order-600001'))[3]).toEqual([
      'OrderReturned',
      { orderId: '600001', lines: [{ line: 2, quantity: 6 }], creditNoteId: 'C600007' },
    ]);
    expect((await factsOf(store, 'payment-online-retail-600001'))[1]).toMatchObject([
      'PaymentRefunded',
      { refundId: 'C600007', amount: { minor: 1500n }, reason: 'credit note C600007' },
    ]);
    expect(await typesOf(store, 'stock-D@main')).toEqual([]);
  });

  test('finds a part of a line, and one spread over several orders', async () => {
    const { store } = await ledgerOf(SHOP);
    const part = await first<Issued>(store, 'creditnote-C600008');
    expect(part.lines[0]?.origins).toEqual([{ orderId: '600001', line: 1, quantity: 4 }]);
    const spread = await first<Issued>(store, 'creditnote-C600010');
    expect(spread.lines[0]?.origins).toEqual([
      { orderId: '600009', line: 1, quantity: 3 },
      { orderId: '600001', line: 1, quantity: 2 },
    ]);
    expect((await factsOf(store, 'payment-online-retail-600009'))[1]).toMatchObject([
      'PaymentRefunded',
      { refundId: 'C600010', amount: { minor: 750n } },
    ]);
  });

  test.each([
    ['everything has been returned already', 'C600010', 1],
    ['the goods were bought at another price only', 'C600010', 2],
    ['there is no customer', 'C600011', 0],
    ['the goods were bought only later', 'C600018', 0],
  ])('stands alone where %s', async (_, creditNote, line) => {
    const issued = await first<Issued>((await ledgerOf(SHOP)).store, `creditnote-${creditNote}`);
    expect(issued.lines[line]).toMatchObject({ kind: 'goods', quantity: 1 });
    expect(issued.lines[line]).not.toHaveProperty('origins');
  });

  test('for more than was bought names what was, and refunds no more', async () => {
    const { store } = await ledgerOf(SHOP);
    const { lines } = await first<Issued>(store, 'creditnote-C600014');
    expect(lines).toMatchObject([
      { quantity: 3, minor: 1500n, origins: [{ orderId: '600013', line: 1, quantity: 2 }] },
    ]);
    expect((await factsOf(store, 'payment-online-retail-600013'))[1]).toMatchObject([
      'PaymentRefunded',
      { amount: { minor: 1000n } },
    ]);
    expect((await factsOf(store, 'stock-10004@main')).at(-1)).toMatchObject(['StockReturned', { quantity: 3 }]);
  });

  test('for a service (C2) is a fee or a charge given back, and moves no stock', async () => {
    const { store } = await ledgerOf(SHOP);
    const { lines } = await first<Issued>(store, 'creditnote-C600012');
    expect(lines).toMatchObject([{ kind: 'fee', sku: 'AMAZONFEE', minor: 10050n }]);
  });

  test('for a free line gives the goods back, and no money', async () => {
    const back = 'C600020,10003,"GREEN ""BIG"" MUG",-3,2011-07-04T09:00:00,0,502,EIRE';
    const { store, refused } = await ledgerOf([...SHOP, back]);
    expect(refused).toEqual([]);
    expect((await factsOf(store, 'order-600003')).at(-1)).toMatchObject(['OrderReturned', { creditNoteId: 'C600020' }]);
    expect(await factsOf(store, 'payment-online-retail-600003')).toEqual([]);
  });

  test('comes to its order after the order was shipped, and after the credit notes before it, however slow a shelf is', async () => {
    const row = (invoice: string, sku: string, quantity: number) =>
      `${invoice},${sku},MUG,${quantity},2011-12-10T08:00:00,1,501,France`;
    const rows = [
      row('1', 'SLOW', 2),
      row('1', 'FAST', 2),
      row('C2', 'FAST', -1),
      row('C3', 'SLOW', -1),
      row('C4', 'FAST', -1),
    ];
    const store = new MemoryEventStore();
    const slow = overriding(store, async (append, stream) => {
      if (stream.includes('SLOW')) await new Promise((resolve) => setTimeout(resolve, 20));
      return append();
    });
    expect((await importRows(rows, slow)).refused).toEqual([]);
    const facts = (await factsOf(store, 'order-1')).slice(2);
    expect(facts.map(([type, data]) => [type, 'creditNoteId' in data ? data.creditNoteId : undefined])).toEqual([
      ['OrderShipped', undefined],
      ['OrderReturned', 'C2'],
      ['OrderReturned', 'C3'],
      ['OrderReturned', 'C4'],
    ]);
  });

  test('counts what it found', async () => {
    const { report } = await ledgerOf(SHOP);
    expect(report.returns).toEqual({ whole: 1, part: 1, spread: 1, short: 1, none: 3 });
  });
});

describe('what is neither order nor credit note', () => {
  test('write-offs (S1) and finds (S2) adjust the stock, with the description as the reason', async () => {
    const { store } = await ledgerOf(SHOP);
    const adjusted = (await factsOf(store, 'stock-10001@main')).filter(([type]) => type === 'StockAdjusted');
    expect(adjusted.map(([, data]) => data)).toEqual([
      { sku: '10001', location: 'main', delta: -2, reason: 'damaged', reference: '600004' },
      { sku: '10001', location: 'main', delta: 3, reason: 'found', reference: '600005' },
    ]);
    expect(await factsOf(store, 'stock-POST@main')).toEqual([
      ['StockAdjusted', { sku: 'POST', location: 'main', delta: 100, reason: 'not stated', reference: '600005' }],
    ]);
  });

  test('bad debt (A) is a journal: what customers owe, against revenue', async () => {
    const { store } = await ledgerOf([
      ...SHOP,
      'A600020,B,Adjust bad debt,1,2011-07-04T09:00:00,20.25,,United Kingdom',
    ]);
    const amount = { minor: 2025n, currency: 'GBP' };
    expect(await first(store, 'journal-A600016')).toEqual({
      journalId: 'A600016',
      description: 'Adjust bad debt',
      country: 'United Kingdom',
      product: 'B',
      documentDay: '2011-07-01',
      legs: [
        { account: 'revenue:bad-debts', side: 'debit', amount },
        { account: 'assets:receivables', side: 'credit', amount },
      ],
    });
    expect(await first(store, 'journal-A600020')).toMatchObject({ legs: [{ side: 'credit' }, { side: 'debit' }] });
  });

  test('every product is listed before anything else, and every shelf filled before it is used', async () => {
    const { store, report } = await ledgerOf(SHOP);
    const events = await eventsOf(store);
    expect(events.slice(0, 10).map(({ type }) => type)).toEqual([
      ...Array<string>(5).fill('ProductListed'),
      ...Array<string>(5).fill('StockReceived'),
    ]);
    expect(report).toMatchObject({ products: 5, openings: { skus: 5, units: 57 }, commandsRefused: 0, rowsRefused: 0 });
    expect(report.invoices).toEqual({ order: 8, credit: 7, adjustment: 2, journal: 1, refused: 0 });
    const left = await Promise.all(['10001', '10002A', '10003', '10004', '10005'].map((sku) => onHand(store, sku)));
    // 26 − 31 sold + 17 returned + 1 found; 6 − 6 + 1; 9 − 9; 2 − 2 + 3; 14 − 15 + 1
    expect(left).toEqual([13, 1, 0, 3, 0]);
  });
});

describe('running it again', () => {
  test('changes nothing: every command is already there', async () => {
    const { store, report } = await ledgerOf(SHOP);
    const before = await eventsOf(store);
    const again = await importRows(SHOP, store);
    expect(await eventsOf(store)).toEqual(before);
    expect(again.refused).toEqual([]);
    for (const [type, { accepted, repeated }] of Object.entries(again.report.commands)) {
      expect([type, accepted, repeated]).toEqual([type, 0, report.commands[type]?.accepted]);
    }
  });

  test('finishes what was broken off after any number of appends, as if nothing had happened', async () => {
    const whole = await ledgerOf(SHOP);
    const undisturbed = await contentOf(whole.store);
    const appends = (await eventsOf(whole.store)).length;
    let broken = 0;
    for (let limit = 0; limit < appends; limit += 3) {
      const store = new MemoryEventStore();
      const error: unknown = await importRows(SHOP, failingAfter(store, limit)).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      if (error !== undefined) broken++;
      expect(error === undefined || error instanceof StoreUnavailable).toBe(true);
      await importRows(SHOP, store);
      expect(await contentOf(store)).toEqual(undisturbed);
    }
    expect(broken).toBeGreaterThan(10);
  }, 30_000);

  test('goes on where the log did not answer for a moment, as if nothing had happened', async () => {
    const undisturbed = await contentOf((await ledgerOf(SHOP)).store);
    for (let failing = 0; failing < 60; failing += 6) {
      const store = new MemoryEventStore();
      let appends = 0;
      const shaky = overriding(store, async (append) => {
        const nth = appends++ - failing;
        if (nth === 0) throw new StoreUnavailable('not written');
        const appended = await append();
        if (nth === 1 || nth === 2) throw new StoreUnavailable('written');
        return appended;
      });
      expect((await importRows(SHOP, shaky)).refused).toEqual([]);
      expect(appends).toBeGreaterThan(failing + 3);
      expect(await contentOf(store)).toEqual(undisturbed);
    }
  }, 30_000);

  test('finishes what a failure broke off that was soon over, with the shelves in the order of the invoices', async () => {
    const undisturbed = await contentOf((await ledgerOf(SHOP)).store);
    let broken = 0;
    for (let failing = 0; failing < 60; failing += 2) {
      const store = new MemoryEventStore();
      let appends = 0;
      let failed: string | undefined;
      let fails = 0;
      const shaky = overriding(store, async (append, stream) => {
        if (appends++ === failing) failed = stream;
        if (stream === failed && fails++ < 5) throw new StoreUnavailable('a moment');
        return append();
      });
      await importRows(SHOP, shaky).catch((error: unknown) => {
        expect(error).toBeInstanceOf(StoreUnavailable);
        broken++;
      });
      expect((await importRows(SHOP, store)).refused).toEqual([]);
      expect(await contentOf(store)).toEqual(undisturbed);
    }
    expect(broken).toBeGreaterThan(20);
  }, 30_000);

  test('two at once end in the same ledger as one', async () => {
    const store = new MemoryEventStore();
    const both = await Promise.all([importRows(SHOP, store), importRows(SHOP, store)]);
    expect(both.map(({ refused }) => refused)).toEqual([[], []]);
    expect(await contentOf(store)).toEqual(await contentOf((await ledgerOf(SHOP)).store));
  });

  test('with a window of one command at a time ends in the same ledger', async () => {
    const store = new MemoryEventStore();
    await importFile(fileOf(SHOP), store, { window: 1 });
    expect(await contentOf(store)).toEqual(await contentOf((await ledgerOf(SHOP)).store));
  });

  test('a signal ends it in between, with nothing lost', async () => {
    const store = new MemoryEventStore();
    const stop = new AbortController();
    const interrupted = importFile(fileOf(SHOP), store, {
      signal: stop.signal,
      onRows: (rows) => {
        if (rows === 20) stop.abort(new Error('enough'));
      },
    });
    await expect(interrupted).rejects.toThrow('enough');
    const events = (await eventsOf(store)).length;
    expect(events).toBeGreaterThan(10);
    await importRows(SHOP, store);
    expect(await contentOf(store)).toEqual(await contentOf((await ledgerOf(SHOP)).store));
  });
});

describe('the file', () => {
  test.each([
    ['an invoice more', (rows: readonly string[]) => [...rows, SHOP[0]?.replace('600001', '699999') ?? '']],
    ['an invoice less', (rows: readonly string[]) => rows.slice(0, -1)],
    ['another quantity', (rows: readonly string[]) => [SHOP[0]?.replace(',6,', ',7,') ?? '', ...rows.slice(1)]],
  ])('that has %s when it is read for the second time is told', async (_, changed) => {
    const path = fileOf(SHOP);
    const importing = importFile(path, new MemoryEventStore(), {
      onSurveyed: () => copyFileSync(fileOf(changed(SHOP)), path),
    });
    await expect(importing).rejects.toMatchObject({
      name: 'UnreadableFile',
      message: `${path} changed while it was read`,
    });
  });

  test.each(['shop.csv', 'shop.csv.gz'])('%s is let go of, whatever stops the import', async (name) => {
    if (!existsSync('/proc/self/fd')) return console.log('this system does not tell which files are open');
    const path = fileOf(manyRows(), name);
    const holders = () => openFiles().filter((file) => file === path).length;
    const stop = new AbortController();
    const interrupted = importFile(path, new MemoryEventStore(), {
      signal: stop.signal,
      onRows: (rows) => {
        if (rows === 1) expect(holders()).toBe(1);
        if (rows === 40) stop.abort(new Error('enough'));
      },
    });
    await expect(interrupted).rejects.toThrow('enough');
    const deadline = Date.now() + 2_000; // the system closes it in a thread of its own
    while (holders() > 0 && Date.now() < deadline) await delay(5);
    expect(holders()).toBe(0);
  });
});

/** Larger than what is read of a file at once, packed or not. */
const manyRows = (): string[] =>
  Array.from(
    { length: 30_000 },
    (_, n) => `${610_000 + n},10001,MUG ${Math.sin(n)},1,2011-03-01T08:00:00,1.25,,France`,
  );

function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(join('/proc/self/fd', descriptor));
    } catch {
      return ''; // closed since
    }
  });
}

describe('another file in the same ledger', () => {
  const nextYear = [
    // A product that was listed before, under another name and price; a new one; a customer of old and a new one.
    '700001,10001,CRIMSON MUG,4,2011-12-10T08:00:00,3.1,501,United Kingdom',
    '700001,20002,TEA COSY,1,2011-12-10T08:00:00,7,501,United Kingdom',
    '700002,20002,TEA COSY,2,2011-12-10T09:00:00,7,907,Malta',
    'C700003,20002,TEA COSY,-1,2011-12-11T09:00:00,7,907,Malta',
  ];

  test('brings its own products and its own opening stock', async () => {
    const { store } = await ledgerOf(SHOP);
    const { report, refused } = await importRows(nextYear, store);
    expect(refused).toEqual([]);
    expect(report.commands['ListProduct']).toEqual({ accepted: 1, repeated: 1, refused: 0 });
    expect(await first(store, 'product-10001')).toMatchObject({ name: 'RED MUG' });
    expect(await typesOf(store, 'product-10001')).toEqual(['ProductListed']);
    expect([await onHand(store, '10001'), await onHand(store, '20002')]).toEqual([13, 1]);
  });

  test('may repeat invoices of the first: they are already there; with another content they are refused', async () => {
    const { store } = await ledgerOf(SHOP);
    const before = (await eventsOf(store)).length;
    const changed = SHOP.slice(12).with(0, '600005,10001,found,30,2010-12-02T10:06:00,0,,United Kingdom');
    const rows = [changed[0]!, SHOP[18]!];
    const { report, refused } = await importFile(fileOf(rows), store, { openingStock: 'receive' });
    expect(refused).toEqual([
      expect.objectContaining({
        command: 'AdjustStock',
        commandId: 'online-retail:600005:adjust:1',
        invoice: '600005',
        lines: { first: 2, last: 2 },
        reason: expect.stringMatching(/imported before with another content|was used/),
      }),
    ]);
    expect(report.commands['PlaceOrder']).toEqual({ accepted: 0, repeated: 1, refused: 0 });
    expect((await eventsOf(store)).length).toBe(before); // 30 found come before 3 sold: no opening stock either
  });
});

describe('a corrected copy of a file', () => {
  const bad = SHOP.with(18, SHOP[18]!.replace(',3,', ',three,')); // the only line of invoice 600009

  test('is not taken as another year: its opening stock would come twice', async () => {
    const { store, report } = await ledgerOf(bad);
    expect(report.invoices.refused).toBe(1);
    const before = await eventsOf(store);
    await expect(importRows(SHOP, store)).rejects.toThrow(ImportedFromAnotherFile);
    expect(await eventsOf(store)).toEqual(before);
  });

  test('is found out by its last invoice, too', async () => {
    const { store } = await ledgerOf(SHOP);
    const older = ['500001,10001,RED MUG,9,2009-12-10T08:00:00,3.1,501,United Kingdom'];
    await expect(importRows([...older, SHOP.at(-1)!], store)).rejects.toThrow('Invoice 600019 of this file');
  });

  test('brings what was missing, when told so', async () => {
    const { store } = await ledgerOf(bad);
    const before = await onHand(store, '10001');
    const { report, refused } = await importFile(fileOf(SHOP), store, { openingStock: 'skip' });
    expect(report.commands).toMatchObject({ PlaceOrder: { accepted: 1, repeated: 7 } });
    expect(report.commands).not.toHaveProperty('ReceiveStock');
    expect(await onHand(store, '10001')).toBe(before - 3);
    // One credit note matched other purchases while this one was missing; that stands as it was booked.
    expect(refused).toMatchObject([{ command: 'IssueCreditNote', invoice: 'C600010' }]);
  });
});

describe('what cannot be taken', () => {
  test('is listed with line and reason; its invoice is refused whole, and the rest is taken', async () => {
    const rows = SHOP.with(2, '600001,10002a,"BLUE MUG, LARGE",four,2010-12-01T08:26:00,1.25,501,United Kingdom');
    const { store, report, refused } = await ledgerOf([...rows, 'what is this']);
    const because = 'its invoice is refused because of line 4';
    expect(refused).toEqual([
      { line: 2, invoice: '600001', reason: because },
      { line: 3, invoice: '600001', reason: because },
      { line: 4, invoice: '600001', reason: 'Quantity "four" is not a whole number' },
      { line: 5, invoice: '600001', reason: because },
      { line: 6, invoice: '600001', reason: because },
      { line: SHOP.length + 2, invoice: undefined, reason: 'has 1 columns instead of 8' },
    ]);
    expect(report).toMatchObject({ rowsRefused: 6, commandsRefused: 0, invoices: { order: 7, refused: 1 } });
    expect(await factsOf(store, 'order-600001')).toEqual([]);
    // The credit notes whose purchase it was stand alone now, and the shelves need less.
    expect((await first<Issued>(store, 'creditnote-C600008')).lines[0]).not.toHaveProperty('origins');
    expect(report.openings.units).toBeLessThan(57);
  });

  test('an order that somebody else has placed under this number is not paid or shipped a second time', async () => {
    const store = new MemoryEventStore();
    const line = { kind: 'goods', sku: '1', quantity: 1, unitPrice: '1' } as const;
    await runOrder(
      new StreamWriter(store),
      { type: 'PlaceOrder', data: { orderId: '600009', currency: 'GBP', lines: [line] } },
      { commandId: 'somebody', principal: 'somebody', occurredAt: '2010-01-01T00:00:00.000Z' },
    );
    const { refused } = await importRows(SHOP, store);
    expect(refused.slice(0, 1)).toMatchObject([
      { command: 'PlaceOrder', invoice: '600009', lines: { first: 20, last: 20 }, reason: 'order-already-placed' },
    ]);
    const shipped = (await factsOf(store, 'stock-10001@main')).map(([, data]) => data);
    expect(shipped.filter((data) => 'reference' in data && data.reference === '600009')).toEqual([]);
  });

  test('goods that somebody else has taken are not shipped; the order waits, paid, and a later run ships it', async () => {
    const rows = ['800001,10001,MUG,4,2011-12-10T08:00:00,1,,France'];
    const store = new MemoryEventStore();
    await expect(importRows(rows, failingAfter(store, 2))).rejects.toThrow(StoreUnavailable); // listed and opened
    const writer = new StreamWriter(store);
    const context = { principal: 'somebody', occurredAt: '2011-12-10T07:00:00.000Z' };
    const shelf = { sku: '10001', location: 'main', quantity: 1 };
    await runStock(writer, { type: 'ShipStock', data: shelf }, { ...context, commandId: 'sold-elsewhere' });

    const { refused } = await importRows(rows, store);
    expect(refused).toEqual([
      {
        command: 'ShipStock',
        commandId: 'online-retail:800001:ship',
        invoice: '800001',
        lines: { first: 2, last: 2 },
        reason: 'insufficient-stock (available 3, requested 4)',
      },
    ]);
    expect(await typesOf(store, 'order-800001')).toEqual(['OrderPlaced', 'OrderConfirmed']);

    await runStock(writer, { type: 'ReceiveStock', data: shelf }, { ...context, commandId: 'delivered' });
    expect((await importRows(rows, store)).refused).toEqual([]);
    expect(await typesOf(store, 'order-800001')).toEqual(['OrderPlaced', 'OrderConfirmed', 'OrderShipped']);
    expect(await onHand(store, '10001')).toBe(0);
  });
});

/** A log whose first appends succeed, and which is then gone. */
function failingAfter(store: EventStore, appends: number): EventStore {
  let left = appends;
  return overriding(store, async (append) => {
    if (left-- <= 0) throw new StoreUnavailable('the disk is full');
    return append();
  });
}

/** `store` with something around every append. */
function overriding(
  store: EventStore,
  around: <T>(append: () => Promise<T>, stream: string) => Promise<T>,
): EventStore {
  return {
    append: (stream, expected, events) => around(() => store.append(stream, expected, events), stream),
    readStream: (stream, query) => store.readStream(stream, query),
    readAll: (query) => store.readAll(query),
    subscribe: (query) => store.subscribe(query),
    head: () => store.head(),
    identity: () => store.identity(),
    close: () => store.close(),
  };
}
