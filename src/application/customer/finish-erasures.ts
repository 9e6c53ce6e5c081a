import type { CustomerEvent } from '../../domain/customer/customer.events.js';
import type { EventStore } from '../ports/event-store.js';
import type { KeyStore } from '../ports/key-store.js';

type Erased = Extract<CustomerEvent, { type: 'CustomerErased' }>;

/**
 * Destroys the keys of everybody whom the log calls erased: after a crash between an erasure's event and its key, and
 * after keys were put back from a backup. Reads on from where it came to before; a ledger that was never asked to erase
 * anybody reads its log's erasures, which are none.
 * @throws StoreUnavailable, KeyStoreUnavailable repeat it
 */
export async function finishErasures(store: EventStore, keys: KeyStore): Promise<void> {
  const log = await store.identity();
  const after = await keys.progress(log);
  const query = { types: ['CustomerErased'], ...(after === undefined ? {} : { after }) } as const;
  for await (const { events, upTo } of store.readAll<Erased>(query)) {
    for (const { stream } of events) await keys.erase(stream);
    if (events.length > 0) await keys.carriedOut({ log, position: upTo });
  }
}
