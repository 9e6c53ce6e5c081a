import type { CalendarDay, Fact } from '../fact.js';
import type { Currency, Decimal } from '../money.js';
import type { CustomerId, OrderId } from '../order/order.events.js';

export type CreditNoteId = string;
/** `goods` came back; a `charge` is given back; a `discount` is granted; a `fee` is a cost booked as a credit; `voucher` as sold. */
export type CreditKind = 'goods' | 'charge' | 'discount' | 'fee' | 'voucher';

/** Units as on an order line: `quantity` ≥ 1, `unitPrice` ≥ 0, `minor` ≥ 0n. `origins` names the order lines it gives back, as far as known. */
export type CreditLine = Readonly<{
  line: number;
  kind: CreditKind;
  sku: string;
  quantity: number;
  unitPrice: Decimal;
  minor: bigint;
  name?: string;
  writtenAs?: string;
  origins?: readonly Readonly<{ orderId: OrderId; line: number; quantity: number }>[];
}>;

/**
 * Facts on one `creditnote-{creditNoteId}` stream. A credit note stands alone when no original order is known.
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type CreditNoteEvent = Fact<
  'CreditNoteIssued',
  {
    creditNoteId: CreditNoteId;
    customerId?: CustomerId;
    country?: string;
    currency: Currency;
    lines: readonly CreditLine[];
    totalMinor: bigint;
    reason: string;
    documentDay?: CalendarDay;
  }
>;
