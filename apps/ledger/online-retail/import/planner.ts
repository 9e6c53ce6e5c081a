import type { CommandContext } from '../../../../src/application/command-context.js';
import type { Instant } from '../../../../src/domain/fact.js';
import { headOf, type Invoice } from './invoice.js';
import { planAdjustment } from './plan-adjustment.js';
import { planCredit } from './plan-credit.js';
import { planJournal } from './plan-journal.js';
import { planOrder } from './plan-order.js';
import { CURRENCY, LOCATION, type Plan, type Step } from './plan.js';
import { Purchases, type MatchCounts } from './purchases.js';
import type { Survey } from './survey.js';

const PRINCIPAL = 'importer:online-retail';

/**
 * Turns invoices into commands, in file order: it remembers what was bought, so that a credit note finds its orders.
 * Command ids are names like `online-retail:536365:place`, the same in every run, so a repeated command is recognised.
 * What does not belong to an invoice (listing, opening stock) is named by the file's digest, because another file
 * brings its own.
 */
export class Planner {
  readonly #purchases: Purchases;

  constructor(
    private readonly survey: Survey,
    private readonly toUtc: (localTime: string) => Instant,
  ) {
    this.#purchases = new Purchases(survey.returned);
  }

  /** What has been found of the purchases behind the credit notes planned so far. */
  get returns(): MatchCounts {
    return this.#purchases.counts;
  }

  /** Lists every product. The list price is only a default: each order line carries its own. */
  listings(): Step[] {
    return this.survey.products.map(({ sku, name, price }) => {
      const prices = price === undefined ? [] : [{ amount: price, currency: CURRENCY }];
      const context = this.#ofFile('list');
      return { of: 'product', command: { type: 'ListProduct', data: { sku, name, prices } }, context };
    });
  }

  /** The data has no deliveries: one receipt per SKU brings exactly what keeps its stock at or above nothing. */
  openings(): Step[] {
    return this.survey.openings.map(({ sku, units }) => {
      const data = { sku, location: LOCATION, quantity: units, reference: 'opening stock' };
      return { of: 'stock', command: { type: 'ReceiveStock', data }, context: this.#ofFile('opening') };
    });
  }

  plan(invoice: Invoice): Plan {
    const contextOf = this.#contextsOf(invoice);
    switch (invoice.class) {
      case 'order':
        return planOrder(invoice, this.#purchases, contextOf);
      case 'credit':
        return planCredit(invoice, this.#purchases, contextOf);
      case 'journal':
        return planJournal(invoice, contextOf);
      case 'adjustment':
        return planAdjustment(invoice, contextOf);
    }
  }

  #contextsOf(invoice: Invoice): (step: string) => CommandContext {
    const correlationId = `online-retail:${invoice.number}`;
    const occurredAt = this.toUtc(headOf(invoice).localTime);
    return (step) => ({ commandId: `${correlationId}:${step}`, correlationId, principal: PRINCIPAL, occurredAt });
  }

  #ofFile(step: string): CommandContext {
    const { digest, firstTime } = this.survey;
    if (firstTime === undefined) throw new Error('A file without rows has nothing to list');
    const correlationId = `online-retail:${digest.slice(0, 16)}`;
    const occurredAt = this.toUtc(firstTime);
    return { commandId: `${correlationId}:${step}`, correlationId, principal: PRINCIPAL, occurredAt };
  }
}
