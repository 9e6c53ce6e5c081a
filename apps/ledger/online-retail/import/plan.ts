import type { CommandContext } from '../../../../src/application/command-context.js';
import type { CreditNoteCommand } from '../../../../src/domain/credit-note/credit-note.commands.js';
import type { JournalCommand } from '../../../../src/domain/journal/journal.commands.js';
import type { OrderCommand } from '../../../../src/domain/order/order.commands.js';
import type { PaymentCommand } from '../../../../src/domain/payment/payment.commands.js';
import type { ProductCommand } from '../../../../src/domain/product/product.commands.js';
import type { StockCommand } from '../../../../src/domain/stock/stock.commands.js';
import { headOf, movement, movesStock, type Invoice } from './invoice.js';
import type { Row } from './row.js';

/** The shop's currency; the file names none. */
export const CURRENCY = 'GBP';
/** The shop's one place of stock; the file names none. */
export const LOCATION = 'main';
/** What the file does not say, where the ledger asks for a text. */
export const NOT_STATED = 'not stated';

/** One command and the context it runs in. */
export type Step = Readonly<{ context: CommandContext }> &
  (
    | Readonly<{ of: 'product'; command: ProductCommand }>
    | Readonly<{ of: 'stock'; command: StockCommand }>
    | Readonly<{ of: 'order'; command: OrderCommand }>
    | Readonly<{ of: 'payment'; command: PaymentCommand }>
    | Readonly<{ of: 'creditNote'; command: CreditNoteCommand }>
    | Readonly<{ of: 'journal'; command: JournalCommand }>
  );

/** Gives a step of the invoice at hand its context: `place` → command id `online-retail:536365:place`. */
export type ContextOf = (step: string) => CommandContext;

/**
 * What one invoice becomes, in three stages; each begins when the one before has been accepted.
 * `documents`  the order with its payment, the credit note, the journal: when one is refused, nothing else is tried
 * `movements`  of stock; on each shelf in the order of the invoices
 * `followUps`  what concerns an order once its goods have moved: shipped, returned, refunded; in turn for each order
 */
export type Plan = Readonly<{
  invoice: string;
  lines: Readonly<{ first: number; last: number }>;
  documents: readonly Step[];
  movements: readonly Step[];
  followUps: readonly Readonly<{ orderId: string; step: Step }>[];
}>;

/** The plan of an invoice, with whatever stages it has. */
export const planOf = (
  { number, rows }: Invoice,
  stages: Partial<Pick<Plan, 'documents' | 'movements' | 'followUps'>>,
): Plan => ({
  invoice: number,
  lines: { first: rows[0]?.line ?? 0, last: rows.at(-1)?.line ?? 0 },
  documents: [],
  movements: [],
  followUps: [],
  ...stages,
});

export const stepsIn = ({ documents, movements, followUps }: Plan): number =>
  documents.length + movements.length + followUps.length;

/** Who and where, as on the invoice's rows; a guest has no customer id. */
export const partyOf = (invoice: Invoice) => {
  const { customerId, country } = headOf(invoice);
  return customerId === undefined ? { country } : { customerId, country };
};

/** What order and credit lines take over from a row alike. */
export const itemOf = ({ code: { sku }, written, description, unitPrice }: Row) => ({
  sku,
  unitPrice,
  ...(description === '' ? {} : { name: description }),
  ...(written === sku ? {} : { writtenAs: written }),
});

/** One movement per SKU, the rows of the invoice summed, in order of first appearance. */
export function shelfMovements(invoice: Invoice, type: 'ShipStock' | 'ReturnStock', context: CommandContext): Step[] {
  const units = new Map<string, number>();
  for (const row of invoice.rows) {
    if (!movesStock(row, invoice.class)) continue;
    units.set(row.code.sku, (units.get(row.code.sku) ?? 0) + Math.abs(movement(row, invoice.class)));
  }
  return [...units].map(([sku, quantity]) => ({
    of: 'stock',
    command: { type, data: { sku, location: LOCATION, quantity, reference: invoice.number } },
    context,
  }));
}
