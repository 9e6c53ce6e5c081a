import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { StockEvent } from '../domain/stock/stock.events.js';
import type { Projection } from './projection.js';
import { reservationKey, reservationsView, type ReservationDocument } from './reservations.view.js';

type Of<T extends StockEvent['type']> = Recorded<Extract<StockEvent, { type: T }>>;
type Made = Of<'StockReserved'>;
type Later = Of<'ReservationExtended' | 'ReservationExpired' | 'ReservationCommitted' | 'ReservationReleased'>;
type Shipped = Of<'StockShipped'>;
/** `StockShipped` only where the units come out of a reservation. */
type ReservationChange = Readonly<{ id: string; event: Made | Later | Shipped }>;

/** Every reservation from its making to its end. */
export const reservations: Projection<ReservationDocument, ReservationChange, Made | Later | Shipped> = {
  ...reservationsView,
  types: [
    'StockReserved',
    'ReservationExtended',
    'ReservationExpired',
    'ReservationCommitted',
    'ReservationReleased',
    'StockShipped',
  ],
  changes: (event) => {
    const { sku, location, reservationId } = event.data;
    return reservationId === undefined ? [] : [{ id: reservationKey(sku, location, reservationId), event }];
  },
  apply: (document, { id, event }) => {
    if (event.type === 'StockReserved') return made(document, id, event);
    if (!document) throw new CorruptHistory(`${event.type} before StockReserved: ${at(event)}`);
    return { ...document, ...became(document, event), ...latest(event) };
  },
};

function made(document: ReservationDocument | undefined, id: string, event: Made): ReservationDocument {
  if (document) throw new CorruptHistory(`StockReserved twice: ${at(event)}`);
  const { sku, location, reservationId, quantity, expiresAt, reference, backordered = 0 } = event.data;
  return {
    _id: id,
    sku,
    location,
    reservationId,
    status: 'held',
    quantity,
    left: quantity,
    shipped: 0,
    released: 0,
    expired: 0,
    backordered,
    expiresAt,
    ...(reference === undefined ? {} : { reference: reference.toWellFormed() }),
    reservedAt: event.metadata.occurredAt,
    ...latest(event),
  };
}

function became(document: ReservationDocument, event: Later | Shipped): Partial<ReservationDocument> {
  switch (event.type) {
    case 'ReservationExtended':
      return { expiresAt: event.data.expiresAt };
    case 'ReservationCommitted':
      return { status: 'committed' };
    case 'ReservationExpired':
      return ended(document, event, 'expired');
    case 'ReservationReleased': {
      const { reason } = event.data;
      return {
        ...ended(document, event, 'released'),
        ...(reason === undefined ? {} : { reason: reason.toWellFormed() }),
      };
    }
    case 'StockShipped':
      return ended(document, event, 'shipped');
    default:
      return assertNever(event);
  }
}

/** What the last units of a reservation became is what ended it. */
function ended(
  document: ReservationDocument,
  event: Of<'ReservationExpired' | 'ReservationReleased' | 'StockShipped'>,
  how: 'expired' | 'released' | 'shipped',
): Partial<ReservationDocument> {
  const { quantity } = event.data;
  const left = document.left - quantity;
  if (left < 0) throw new CorruptHistory(`${event.type} of ${quantity} with ${document.left} left: ${at(event)}`);
  return { left, [how]: document[how] + quantity, ...(left === 0 ? { status: how } : {}) };
}

const latest = ({ metadata, revision }: Recorded) => ({
  changedAt: metadata.occurredAt,
  revision: revision.toString(),
});

const at = ({ stream, revision }: Recorded): string => `${stream} at revision ${revision}`;
