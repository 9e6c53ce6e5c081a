import { compareDecimals, type Decimal } from '../../../../src/domain/decimal.js';
import { InvoiceSketch, type Fault, type InvoiceClass } from './invoice.js';
import { purchaseKey } from './purchases.js';
import { isBad, type BadRow, type Row } from './row.js';

/**
 * What pass 1 learns of a file; enough for pass 2 to take it invoice by invoice.
 * `invoices`  those that can be taken, by number, with the line where each is complete
 * `refused`   those that cannot, with every fault found
 * `strays`    bad rows of which not even the invoice can be told
 * `products`  goods that the invoices move, in order of first appearance
 * `openings`  stock that must have been there before the first row
 * `returned`  `purchaseKey`s that occur on credit notes: only such purchases need to be remembered
 */
export type Survey = Readonly<{
  digest: string;
  rows: number;
  firstTime: string | undefined;
  invoices: ReadonlyMap<string, Readonly<{ class: InvoiceClass; lastLine: number }>>;
  refused: ReadonlyMap<string, readonly Fault[]>;
  strays: readonly Fault[];
  products: readonly ListedProduct[];
  openings: readonly Opening[];
  returned: ReadonlySet<string>;
}>;
export type ListedProduct = Readonly<{ sku: string; name: string; price: Decimal | undefined }>;
export type Opening = Readonly<{ sku: string; units: number }>;

/** Collects pass 1. A file's rows are small and many, so it keeps two numbers per row, and texts only once. */
export class Surveyor {
  #rows = 0;
  #firstTime: string | undefined;
  readonly #sketches = new Map<string, InvoiceSketch>();
  readonly #strays: Fault[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #items: Item[] = [];
  readonly #returned = new Set<string>();

  add(row: Row | BadRow): void {
    this.#rows++;
    if (row.invoice === undefined) {
      this.#strays.push({ line: row.line, reason: isBad(row) ? row.reason : 'names no invoice' });
      return;
    }
    const sketch = this.#sketch(row.invoice);
    sketch.add(row);
    if (isBad(row)) return;
    this.#firstTime ??= row.localTime;
    const number = this.#numberOf(row);
    sketch.moves.push(number, row.quantity);
    this.#items[number]?.seen(row);
    if (row.quantity < 0 && row.customerId !== undefined && row.code.onCredit === 'goods') {
      this.#returned.add(purchaseKey(row.customerId, row.code.sku, row.unitPrice));
    }
  }

  finish(digest: string): Survey {
    const invoices = new Map<string, { class: InvoiceClass; lastLine: number }>();
    const refused = new Map<string, readonly Fault[]>();
    // In the order in which pass 2 will complete and book them.
    const sketches = [...this.#sketches.values()].sort((a, b) => a.lastLine - b.lastLine);
    for (const sketch of sketches) {
      const invoiceClass = sketch.classify();
      if (sketch.faults.length > 0) {
        refused.set(sketch.number, sketch.faults);
        continue;
      }
      invoices.set(sketch.number, { class: invoiceClass, lastLine: sketch.lastLine });
      this.#move(sketch.moves, invoiceClass);
    }
    const moved = this.#items.filter((item) => item.moved);
    return {
      digest,
      rows: this.#rows,
      firstTime: this.#firstTime,
      invoices,
      refused,
      strays: this.#strays,
      products: moved.filter((item) => item.isGoods).map((item) => item.product()),
      openings: moved.filter((item) => item.lowest < 0).map(({ sku, lowest }) => ({ sku, units: -lowest })),
      returned: this.#returned,
    };
  }

  #move(moves: readonly number[], invoiceClass: InvoiceClass): void {
    if (invoiceClass === 'journal') return;
    const sign = invoiceClass === 'adjustment' ? 1 : -1;
    for (let index = 0; index < moves.length; index += 2) {
      const item = this.#items[moves[index] ?? -1];
      if (item && (item.isGoods || invoiceClass === 'adjustment')) item.move(sign * (moves[index + 1] ?? 0));
    }
  }

  #sketch(invoice: string): InvoiceSketch {
    let sketch = this.#sketches.get(invoice);
    if (!sketch) this.#sketches.set(invoice, (sketch = new InvoiceSketch(invoice)));
    return sketch;
  }

  #numberOf({ code }: Row): number {
    let number = this.#numbers.get(code.sku);
    if (number === undefined) {
      number = this.#items.push(new Item(code.sku, code.onOrder === 'goods')) - 1;
      this.#numbers.set(code.sku, number);
    }
    return number;
  }
}

/** One SKU: what its rows call it, what they ask for it, and how far its stock would fall if it began at nothing. */
class Item {
  lowest = 0;
  moved = false;
  #level = 0;
  readonly #names = new Map<string, number>();
  readonly #prices = new Map<Decimal, number>();

  constructor(
    readonly sku: string,
    readonly isGoods: boolean,
  ) {}

  /** Rows without a price carry notes ("damaged", "check") where the name should be, so they do not vote. */
  seen({ unitPrice, description }: Row): void {
    if (unitPrice === '0' || unitPrice.startsWith('-')) return;
    this.#prices.set(unitPrice, (this.#prices.get(unitPrice) ?? 0) + 1);
    if (description !== '') this.#names.set(description, (this.#names.get(description) ?? 0) + 1);
  }

  move(units: number): void {
    this.moved = true;
    this.#level += units;
    this.lowest = Math.min(this.lowest, this.#level);
  }

  /** The most frequent name (of equals the first seen; without any, the SKU) and price (of equals the lowest). */
  product(): ListedProduct {
    const [name] = mostFrequent(this.#names, () => 0) ?? [this.sku];
    const [price] = mostFrequent(this.#prices, compareDecimals) ?? [undefined];
    return { sku: this.sku, name, price };
  }
}

function mostFrequent<T>(counts: ReadonlyMap<T, number>, tieBreak: (a: T, b: T) => number): [T, number] | undefined {
  return [...counts].sort(([a, countA], [b, countB]) => countB - countA || tieBreak(a, b))[0];
}
