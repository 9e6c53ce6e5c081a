import type { ReservationDocument } from '../../../src/projections/reservations.view.js';
import { availabilityOf } from '../../../src/projections/shelf.js';
import type { StockDocument } from '../../../src/projections/stock.view.js';
import type { TransferDocument } from '../../../src/projections/transfers.view.js';
import type { ReservationBody } from './reservations.dto.js';
import type { StockBody } from './stock.dto.js';
import type { TransferBody } from './transfers.dto.js';

/** A shelf as the API shows it. */
export const presentStock = (document: StockDocument): StockBody => ({
  object: 'stock',
  sku: document.sku,
  location: document.location,
  ...availabilityOf(document),
  damaged: document.damaged,
  inTransit: document.inTransit,
  backorderLimit: document.backorderLimit,
  totals: { ...document.totals },
  movements: document.movements,
  lastMovementAt: document.lastMovementAt,
  revision: document.revision,
});

/** The same, but `undefined` for a shelf that nothing has moved on: only what left it has been seen to arrive elsewhere. */
export const presentShelf = (document: StockDocument): StockBody | undefined =>
  document.movements === 0 ? undefined : presentStock(document);

export const presentReservation = (document: ReservationDocument): ReservationBody => ({
  object: 'reservation',
  reservationId: document.reservationId,
  sku: document.sku,
  location: document.location,
  status: document.status,
  quantity: document.quantity,
  left: document.left,
  shipped: document.shipped,
  released: document.released,
  expired: document.expired,
  backordered: document.backordered,
  expiresAt: document.expiresAt,
  ...(document.reference === undefined ? {} : { reference: document.reference }),
  ...(document.reason === undefined ? {} : { reason: document.reason }),
  reservedAt: document.reservedAt,
  changedAt: document.changedAt,
  revision: document.revision,
});

/** A transfer that has been seen to leave. */
export const presentTransfer = ({ sentAt = '', ...document }: TransferDocument): TransferBody => ({
  object: 'transfer',
  transferId: document.transferId,
  sku: document.sku,
  from: document.from,
  to: document.to,
  quantity: document.quantity,
  status: document.status,
  arrives: document.arrives,
  ...(document.reason === undefined ? {} : { reason: document.reason }),
  sentAt,
  ...(document.arrivedAt === undefined ? {} : { arrivedAt: document.arrivedAt }),
  revision: document.revision,
});

/** The same; `undefined` where it has only been seen to arrive. */
export const presentSent = (document: TransferDocument): TransferBody | undefined =>
  document.sentAt === undefined ? undefined : presentTransfer(document);
