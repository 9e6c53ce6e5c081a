/**
 * The API as `apps/api/main.ts` runs it, on the embedded engines, that also counts its appends: asked for by a message, it
 * answers with how many there were, how many events they wrote, and how many lost their race to another process.
 * Started by `bench/flash-sale.ts`.
 */
import { ConcurrencyConflict, type EventStore } from '../src/application/ports/event-store.js';
import { createApi } from '../apps/api/app.js';
import { systemClock } from '../src/infrastructure/clock.js';
import { readConfig } from '../src/infrastructure/config/config.js';
import { keyStoreOf, openEventStore, openViewStore } from '../src/infrastructure/engines.js';

export type AppendCounts = Readonly<{ appends: number; events: number; conflicts: number }>;

const counts = { appends: 0, events: 0, conflicts: 0 };

const config = readConfig(process.env);
const log = await openEventStore(config, 'read-write');
const append: EventStore['append'] = async (stream, expected, events) => {
  counts.appends++;
  try {
    const appended = await log.append(stream, expected, events);
    counts.events += events.length;
    return appended;
  } catch (error) {
    if (error instanceof ConcurrencyConflict) counts.conflicts++;
    throw error;
  }
};
const store = new Proxy(log, {
  get: (target, name) => {
    if (name === 'append') return append;
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
  },
});
const views = await openViewStore(config, 'read-only');
const api = await createApi({ store, views, keys: keyStoreOf(config), clock: systemClock, logLevel: config.logLevel });
process.on('message', () => process.send?.({ type: 'counts', counts }));
process.send?.({ type: 'ready', url: await api.listen(config.port, config.host) });
process.once('SIGTERM', () => void api.stop().then(() => process.exit()));
