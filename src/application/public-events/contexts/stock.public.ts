import type { StockEvent } from '../../../domain/stock/stock.events.js';
import { pick, publish, type Publications } from '../publication.js';
import { instant, integer, object, oneOf, optional, text } from '../shape.js';
import { quantity, sku } from './common.shapes.js';

type Event<Type extends StockEvent['type']> = Extract<StockEvent, { type: Type }>;

const reservationId = text('The reservation.', 'rsv_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03');
const atShelf = { sku, location: text('Where the stock is.', 'main') };
const transferId = text('The transfer, on both sides.', 'trf_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03');
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
  StockCounted: publish<Event<'StockCounted'>>()(
    'ledger.stock.counted.v1',
    'The sellable units were counted, and are from now on what was found.',
    object({
      ...atShelf,
      reference,
      counted: integer('Units that were found.', 17, 0),
      delta: integer('Units more than were known before, or fewer when negative.', -2),
    }),
    (data) => pick(data, 'sku', 'location', 'reference', 'counted', 'delta'),
  ),
  StockReserved: publish<Event<'StockReserved'>>()(
    'ledger.stock.reserved.v1',
    'Units were set aside until a time, at which they are free; that it has expired is said a moment later.',
    object({
      ...atShelf,
      reference,
      reservationId,
      quantity,
      expiresAt: instant('When it lapses.'),
      backordered: optional(integer('Of these units, those that were not there yet; absent for none.', 1, 1)),
    }),
    (data) => pick(data, 'sku', 'location', 'reference', 'reservationId', 'quantity', 'expiresAt', 'backordered'),
  ),
  ReservationExtended: publish<Event<'ReservationExtended'>>()(
    'ledger.stock.reservation-extended.v1',
    'A reservation holds its units for longer.',
    object({ ...atShelf, reservationId, quantity, expiresAt: instant('When it lapses now.') }),
    (data) => pick(data, 'sku', 'location', 'reservationId', 'quantity', 'expiresAt'),
  ),
  ReservationExpired: publish<Event<'ReservationExpired'>>()(
    'ledger.stock.reservation-expired.v1',
    'A reservation ended by itself: its units have been free since then.',
    object({ ...atShelf, reservationId, quantity, expiresAt: instant('When it lapsed.') }),
    (data) => pick(data, 'sku', 'location', 'reservationId', 'quantity', 'expiresAt'),
  ),
  ReservationCommitted: publish<Event<'ReservationCommitted'>>()(
    'ledger.stock.reservation-committed.v1',
    'The units of a reservation were allocated: it lapses no more.',
    object({ ...atShelf, reservationId, quantity }),
    (data) => pick(data, 'sku', 'location', 'reservationId', 'quantity'),
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
    object({
      ...atShelf,
      reference,
      quantity,
      condition: optional(oneOf('Damaged units are not for sale; absent: sellable.', 'sellable', 'damaged')),
    }),
    (data) => pick(data, 'sku', 'location', 'reference', 'quantity', 'condition'),
  ),
  DamagedStockWrittenOff: publish<Event<'DamagedStockWrittenOff'>>()(
    'ledger.stock.damaged-written-off.v1',
    'Damaged units were written off.',
    object({ ...atShelf, reference, quantity }),
    (data) => pick(data, 'sku', 'location', 'reference', 'quantity'),
  ),
  StockTransferredOut: publish<Event<'StockTransferredOut'>>()(
    'ledger.stock.transferred-out.v1',
    'Units left for another location.',
    object({
      ...atShelf,
      transferId,
      to: text('Where they go.', 'york'),
      quantity,
      arrives: optional(oneOf('How they arrive; absent: when they are received.', 'at-once', 'when-received')),
    }),
    (data) => pick(data, 'sku', 'location', 'transferId', 'to', 'quantity', 'arrives'),
  ),
  StockTransferredIn: publish<Event<'StockTransferredIn'>>()(
    'ledger.stock.transferred-in.v1',
    'Units that another location sent have arrived.',
    object({ ...atShelf, transferId, from: text('Where they came from.', 'york'), quantity }),
    (data) => pick(data, 'sku', 'location', 'transferId', 'from', 'quantity'),
  ),
  BackorderPolicySet: publish<Event<'BackorderPolicySet'>>()(
    'ledger.stock.backorder-policy-set.v1',
    'It was decided how many units may be promised beyond those that are there.',
    object({ ...atShelf, limit: integer('Units; 0 for none.', 50, 0) }),
    (data) => pick(data, 'sku', 'location', 'limit'),
  ),
};
