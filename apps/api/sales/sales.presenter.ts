import { exactSales, netUnits, type SalesDocument } from '../../../src/projections/sales.view.js';
import type { SalesBody } from './sales.dto.js';

export function presentSales(document: SalesDocument): SalesBody {
  const { dimension, key, name, currency } = document;
  const money = (minor: string) => ({ minor, currency });
  return {
    object: 'sales',
    dimension,
    key,
    ...(name === undefined ? {} : { name }),
    currency,
    gross: money(document.grossMinor),
    cancelled: money(document.cancelledMinor),
    returns: money(document.returnsMinor),
    adjustments: money(document.adjustmentsMinor),
    net: money(document.netMinor),
    exact: exactSales(document),
    units: {
      sold: document.unitsSold,
      cancelled: document.unitsCancelled,
      returned: document.unitsReturned,
      net: netUnits(document).toString(),
      free: document.unitsFree,
    },
    counts: {
      orders: document.orders,
      cancelledOrders: document.cancelledOrders,
      creditNotes: document.creditNotes,
      journals: document.journals,
      orderLines: document.orderLines,
      freeLines: document.freeLines,
      cancelledLines: document.cancelledLines,
      creditLines: document.creditLines,
    },
  };
}
