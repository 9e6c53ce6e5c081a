import { movement, type Invoice } from './invoice.js';
import { LOCATION, NOT_STATED, planOf, type ContextOf, type Plan, type Step } from './plan.js';

/** A correction of stock: one adjustment per row, because each row may give a reason of its own ("damaged"). */
export function planAdjustment(invoice: Invoice, contextOf: ContextOf): Plan {
  const movements = invoice.rows.map((row, index): Step => {
    const delta = movement(row, invoice.class);
    const reason = row.description || NOT_STATED;
    return {
      of: 'stock',
      command: {
        type: 'AdjustStock',
        data: { sku: row.code.sku, location: LOCATION, delta, reason, reference: invoice.number },
      },
      context: contextOf(`adjust:${index + 1}`),
    };
  });
  return planOf(invoice, { movements });
}
