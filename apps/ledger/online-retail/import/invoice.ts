import { isBad, type BadRow, type Row } from './row.js';

/**
 * What an invoice is to the ledger.
 * `order`       a sale, to a customer or a guest; free lines included
 * `credit`      a C invoice
 * `journal`     an A invoice: bad debt
 * `adjustment`  no customer and no price at all: the shop corrects its stock, up or down
 */
export type InvoiceClass = 'order' | 'credit' | 'journal' | 'adjustment';
export type Invoice = Readonly<{ number: string; class: InvoiceClass; rows: readonly Row[] }>;
/** A line number and why its invoice cannot be taken. */
export type Fault = Readonly<{ line: number; reason: string }>;

/**
 * All that pass 1 keeps of an invoice. Its rows need not stand together in the file.
 * `moves` are pairs: number of a SKU, units that come (or, negative, go).
 */
export class InvoiceSketch {
  lastLine = 0;
  rows = 0;
  readonly faults: Fault[] = [];
  readonly moves: number[] = [];
  #priced = false;
  #up: number | undefined;
  #down: number | undefined;
  #negativePrice: number | undefined;
  #first: Row | undefined;

  constructor(readonly number: string) {}

  add(row: Row | BadRow): void {
    this.lastLine = row.line;
    this.rows++;
    if (isBad(row)) {
      this.faults.push({ line: row.line, reason: row.reason });
      return;
    }
    const first = (this.#first ??= row);
    if (row.customerId !== first.customerId) this.#fault(row, 'names another customer than its invoice before');
    if (row.country !== first.country) this.#fault(row, 'names another country than its invoice before');
    if (row.unitPrice !== '0') this.#priced = true;
    if (row.unitPrice.startsWith('-')) this.#negativePrice ??= row.line;
    if (row.quantity > 0) this.#up ??= row.line;
    else this.#down ??= row.line;
  }

  /** What the invoice is, once all of its rows are known; adds a fault when its rows contradict that. */
  classify(): InvoiceClass {
    const isA = this.number.startsWith('A');
    if (this.#negativePrice !== undefined && !isA) {
      this.faults.push({ line: this.#negativePrice, reason: 'has a negative price, which only an A invoice may' });
    }
    if (isA) return 'journal';
    if (this.number.startsWith('C')) {
      if (this.#up !== undefined)
        this.faults.push({ line: this.#up, reason: 'has a positive quantity on a credit note' });
      return 'credit';
    }
    if (!this.#priced && this.#first?.customerId === undefined) return 'adjustment';
    if (this.#down !== undefined) this.faults.push({ line: this.#down, reason: 'has a negative quantity on an order' });
    return 'order';
  }

  #fault(row: Row, reason: string): void {
    this.faults.push({ line: row.line, reason });
  }
}

/** Whether a row of such an invoice moves stock: goods always do, and a correction of stock whatever its code. */
export const movesStock = (row: Row, invoiceClass: InvoiceClass): boolean =>
  invoiceClass === 'adjustment' || (invoiceClass !== 'journal' && row.code.onOrder === 'goods');

/** Units that a row brings to the shelf (negative: takes from it): a sale takes, a credit or a correction is signed. */
export const movement = (row: Row, invoiceClass: InvoiceClass): number =>
  invoiceClass === 'adjustment' ? row.quantity : -row.quantity;

/** The first row says when, who and where: an invoice whose rows disagree on who or where is refused. */
export function headOf({ number, rows: [first] }: Invoice): Row {
  if (!first) throw new Error(`Invoice ${number} has no rows`);
  return first;
}

/** The day on the document, in the shop's calendar. */
export const documentDayOf = (invoice: Invoice): string => headOf(invoice).localTime.slice(0, 10);
