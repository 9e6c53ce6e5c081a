import type { StockEvent } from '../../../domain/stock/stock.events.js';
import { pick, publish, type Publications } from '../publication.js';
import { instant, integer, object, optional, text } from '../shape.js';
import { quantity, sku } from './common.shapes.js';

type Event<Type extends StockEvent['type']> = Extract<StockEvent, { type: Type }>;

const reservationId = text('The reservation.', 'rsv_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03');
const atShelf = { sku, location: text('Where the stock is.', 'main') };
const reference = optional(text('The document behind it: an order, a delivery note.', 'DN-1001'));

/** Why stock was corrected is free text, and stays in the ledger. */
export const stock: Publications<StockEvent> = {
  StockReceived: publish<Event<'StockReceived'>>()(
    'ledger.stock.received.v1',
    'A delivery was taken in.',
    object({ ...atShelf, reference, quantity }),
    (data) => pick(data, 'sku', 'location', 'reference', 'quantity'),
  ),
  StockAdjusted: publish<Event<'StockAdjusted'>>()(
    'ledger.stock.adjusted.v1',
    'The stock was corrected.',
    object({ ...atShelf, reference, delta: integer('Units more, or fewer when negative; never 0.', -2) }),
    (data) => pick(data, 'sku', 'location', 'reference', 'delta'),
  ),
  StockReserved: publish<Event<'StockReserved'>>()(
    'ledger.stock.reserved.v1',
    'Units were set aside until a time, after which they are free without a further event.',
    object({ ...atShelf, reference, reservationId, quantity, expiresAt: instant('When it lapses.') }),
    (data) => pick(data, 'sku', 'location', 'reference', 'reservationId', 'quantity', 'expiresAt'),
  ),
  ReservationReleased: publish<Event<'ReservationReleased'>>()(
    'ledger.stock.reservation-released.v1',
    'A reservation was given up.',
    object({ ...atShelf, reservationId, quantity }),
    (data) => pick(data, 'sku', 'location', 'reservationId', 'quantity'),
  ),
  StockShipped: publish<Event<'StockShipped'>>()(
    'ledger.stock.shipped.v1',
    'Units were sent out.',
    object({ ...atShelf, reference, quantity, reservationId: optional(reservationId) }),
    (data) => pick(data, 'sku', 'location', 'reference', 'quantity', 'reservationId'),
  ),
  StockReturned: publish<Event<'StockReturned'>>()(
    'ledger.stock.returned.v1',
    'Units that were sent out came back.',
    object({ ...atShelf, reference, quantity }),
    (data) => pick(data, 'sku', 'location', 'reference', 'quantity'),
  ),
};
