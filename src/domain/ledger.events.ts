import type { CreditNoteEvent } from './credit-note/credit-note.events.js';
import type { CustomerEvent } from './customer/customer.events.js';
import type { JournalEvent } from './journal/journal.events.js';
import type { OrderEvent } from './order/order.events.js';
import type { PaymentEvent } from './payment/payment.events.js';
import type { ProductEvent } from './product/product.events.js';
import type { ProviderEvent } from './provider-event/provider-event.events.js';
import type { StockEvent } from './stock/stock.events.js';

/** Every fact that the log may hold. */
export type LedgerEvent =
  | ProductEvent
  | StockEvent
  | OrderEvent
  | PaymentEvent
  | ProviderEvent
  | CreditNoteEvent
  | JournalEvent
  | CustomerEvent;
