import { catalog } from './catalog.projection.js';
import { fulfilment } from './fulfilment.projection.js';
import { orders } from './orders.projection.js';
import { customers } from './customers.projection.js';
import { payments } from './payments.projection.js';
import type { Projection } from './projection.js';
import { reservations } from './reservations.projection.js';
import { sales } from './sales.projection.js';
import { stockAdjustments } from './stock-adjustments.projection.js';
import { stock } from './stock.projection.js';
import { transfers } from './transfers.projection.js';

/** Every read model that the projector keeps. */
export const projections: readonly Projection[] = [
  catalog,
  stock,
  stockAdjustments,
  reservations,
  transfers,
  orders,
  payments,
  fulfilment,
  sales,
  customers,
];
