import type { Instant } from '../../../src/domain/fact.js';
import { availabilityAt, type CatalogDocument } from '../../../src/projections/catalog.view.js';
import type { ProductBody } from './product.dto.js';

/** A product as the API shows it at `now`: expired reservations no longer count. Not for an `unlisted` one. */
export const presentProduct =
  (now: Instant) =>
  (document: CatalogDocument): ProductBody => ({
    object: 'product',
    sku: document.sku,
    status: document.status === 'discontinued' ? 'discontinued' : 'listed',
    name: document.name ?? '',
    prices: document.prices.map(({ amount, currency }) => ({ amount, currency })),
    availability: presentAvailability(availabilityAt(document, now)),
    listedAt: document.listedAt ?? '',
    changedAt: document.changedAt ?? '',
    revision: document.revision ?? '',
  });

const presentAvailability = ({
  locations,
  ...total
}: ReturnType<typeof availabilityAt>): ProductBody['availability'] => ({ ...total, locations: [...locations] });
