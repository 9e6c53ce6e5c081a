import { offerOf, type CatalogDocument } from '../../../src/projections/catalog.view.js';
import type { ProductBody } from './product.dto.js';

/** A product as the API shows it. Not for an `unlisted` one. */
export const presentProduct = (document: CatalogDocument): ProductBody => ({
  object: 'product',
  sku: document.sku,
  status: document.status === 'discontinued' ? 'discontinued' : 'listed',
  name: document.name ?? '',
  prices: document.prices.map(({ amount, currency }) => ({ amount, currency })),
  availability: presentAvailability(offerOf(document)),
  listedAt: document.listedAt ?? '',
  changedAt: document.changedAt ?? '',
  revision: document.revision ?? '',
});

const presentAvailability = ({ locations, ...total }: ReturnType<typeof offerOf>): ProductBody['availability'] => ({
  ...total,
  locations: [...locations],
});
