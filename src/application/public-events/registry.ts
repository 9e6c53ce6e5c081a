import type { AnyFact } from '../../domain/fact.js';
import type { LedgerEvent } from '../../domain/ledger.events.js';
import { creditNote } from './contexts/credit-note.public.js';
import { customer } from './contexts/customer.public.js';
import { journal } from './contexts/journal.public.js';
import { order } from './contexts/order.public.js';
import { payment } from './contexts/payment.public.js';
import { product } from './contexts/product.public.js';
import { stock } from './contexts/stock.public.js';
import { withhold, type Publications, type Published } from './publication.js';

/** What the outside is told of every fact that the log may hold. A type that is left out does not compile. */
export const publications: Publications<LedgerEvent> = {
  ...product,
  ...stock,
  ...order,
  ...payment,
  ProviderEventReceived: withhold('What it means for a payment is a fact of that payment, and public there.'),
  ...creditNote,
  ...journal,
  ...customer,
};

const published = new Map<string, Published>();
for (const [privateType, publication] of Object.entries(publications)) {
  // Each `map` takes the data of the type that it stands under, and is looked up by that type alone.
  if ('type' in publication) published.set(privateType, publication as unknown as Published);
}

/** Every public event, in the order of the registry. */
export const publicEvents: readonly Published[] = [...published.values()];
/** The private types that a feed asks the log for. */
export const publicSources: readonly string[] = [...published.keys()];
/** `order`, `stock` …: the second part of every public type. */
export const publicContexts: readonly string[] = [...new Set(publicEvents.map(({ type }) => type.split('.')[1] ?? ''))];

/** The public event that a private one becomes; `undefined` where it is withheld. */
export const publicationOf = (type: AnyFact['type']): Published | undefined => published.get(type);

/** The private types that become any of these public ones; names that are no public type are passed over. */
export function sourcesOf(publicTypes: readonly string[]): readonly string[] {
  const wanted = new Set(publicTypes);
  return publicSources.filter((source) => wanted.has(published.get(source)?.type ?? ''));
}
