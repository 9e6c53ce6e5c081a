import type { Invoice } from './invoice.js';
import { isBad, type BadRow, type Row } from './row.js';
import type { Survey } from './survey.js';

/** A row that is not taken, and why. */
export type RefusedRow = BadRow;

/** Puts the rows of pass 2 together to invoices; keeps only those invoices whose last row has not come yet. */
export class Assembler {
  readonly #open = new Map<string, Row[]>();

  constructor(private readonly survey: Survey) {}

  /**
   * The invoice that this row completes, the row when it is refused, or nothing yet.
   * An invoice with a bad row is refused whole: what is booked must be the document, or nothing of it.
   */
  add(row: Row | BadRow): Invoice | RefusedRow | undefined {
    const known = row.invoice === undefined ? undefined : this.survey.invoices.get(row.invoice);
    if (isBad(row)) return row;
    if (!known) return this.#refusal(row);
    const rows = this.#open.get(row.invoice);
    if (rows) rows.push(row);
    else if (row.line !== known.lastLine) this.#open.set(row.invoice, [row]);
    if (row.line !== known.lastLine) return undefined;
    this.#open.delete(row.invoice);
    return { number: row.invoice, class: known.class, rows: rows ?? [row] };
  }

  #refusal({ line, invoice }: Row): RefusedRow {
    const faults = this.survey.refused.get(invoice) ?? [];
    const own = faults.find((fault) => fault.line === line);
    const [first] = faults;
    return { line, invoice, reason: own?.reason ?? `its invoice is refused because of line ${first?.line ?? line}` };
  }
}
