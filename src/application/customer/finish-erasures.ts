import type { CustomerEvent } from '../../domain/customer/customer.events.js';
import { pause } from '../pause.js';
import type { EventStore } from '../ports/event-store.js';
import type { KeyStore } from '../ports/key-store.js';

type Erased = Extract<CustomerEvent, { type: 'CustomerErased' }>;

/**
 * Destroys the keys of everybody whom the log calls erased: after a crash between an erasure's event and its key, and
 * after keys were put back from a backup. Reads on from where it came to before, and notes how far that is now. While no key
 * was ever made there is none to destroy, so what the log holds by then never has to be read.
 * @throws StoreUnavailable, KeyStoreUnavailable repeat it
 */
export async function finishErasures(store: EventStore, keys: KeyStore): Promise<void> {
  const log = await store.identity();
  const head = await store.head();
  const after = await keys.progress(log); // asked after the head: a key made since is erased past it
  if (after === 'no-keys') {
    if (head !== undefined) await keys.carriedOut({ log, position: head });
    return;
  }
  const query = { types: ['CustomerErased'], ...(after === undefined ? {} : { after }) } as const;
  let reached = after;
  for await (const { events, upTo } of store.readAll<Erased>(query)) {
    for (const { stream } of events) await keys.erase(stream);
    if (events.length > 0) await keys.carriedOut({ log, position: upTo });
    reached = upTo;
  }
  if (reached !== undefined && reached !== after) await keys.carriedOut({ log, position: reached });
}

const EVERY_MS = 60_000;

/**
 * Does it again every minute until `stop` aborts, so that a start has only to read what came after the last time, and an
 * erasure that another process left half done does not wait for one. What fails is told to `failed`, and tried again.
 */
export async function keepFinishingErasures(
  store: EventStore,
  keys: KeyStore,
  failed: (cause: unknown) => void,
  stop: AbortSignal,
  everyMs = EVERY_MS,
): Promise<void> {
  for (;;) {
    await pause(everyMs, stop);
    if (stop.aborted) return;
    await finishErasures(store, keys).catch(failed);
  }
}
