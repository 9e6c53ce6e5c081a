import type { EventStore, NewEvent } from '../../src/application/ports/event-store.js';
import type { ViewStore } from '../../src/application/ports/view-store.js';
import { CorruptHistory } from '../../src/domain/decider.js';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import type { FollowerLogger } from '../../src/infrastructure/follower/follower-logger.js';
import type { Projection } from '../../src/projections/projection.js';

/** How many events there were and what they add up to: whatever is counted twice or lost shows. */
export type Shelf = Readonly<{ _id: string; events: number; units: number; revisions?: string }>;
type Counted = Readonly<{ id: string; units: number; revision?: bigint }>;
type Received = Extract<StockEvent, { type: 'StockReceived' }>;

/** Every event changes its shelf once, and `all` twice: once for the event, once for its units. */
export const shelves: Projection<Shelf, Counted, Received> = {
  name: 'shelves',
  version: 1,
  indexes: { byUnits: { parts: ['integer'], of: ({ units }) => [BigInt(units)] } },
  types: ['StockReceived'],
  changes: ({ data, revision }) => {
    if (data.reference === 'poison-change') throw new CorruptHistory('change refused');
    const sign = data.reference === 'poison-apply' ? NaN : 1;
    const { quantity } = data;
    return [
      { id: 'all', units: 0 },
      { id: data.sku, units: sign * quantity, revision },
      { id: 'all', units: quantity },
    ];
  },
  apply: (document, { id, units, revision }) => {
    if (Number.isNaN(units)) throw new CorruptHistory('apply refused');
    const { events, units: before, revisions } = document ?? { events: 0, units: 0 };
    const counted = { _id: id, events: events + (units === 0 ? 0 : 1), units: before + units };
    return revision === undefined ? counted : { ...counted, revisions: `${revisions ?? ''}${revision},` };
  },
};

let ids = 0;
/** Events with ids of their own; `sku-n` by `quantity`. */
export const received = (sku: string, quantity: number, reference?: string): NewEvent<Received> => {
  const id = `00000000-0000-5000-8000-${(++ids).toString(16).padStart(12, '0')}`;
  return {
    id,
    event: {
      type: 'StockReceived',
      data: { sku, location: 'main', quantity, ...(reference !== undefined && { reference }) },
    },
    metadata: {
      commandId: `command-${id}`,
      commandHash: 'x'.repeat(43),
      correlationId: id,
      causationId: id,
      principal: 'test',
      occurredAt: '2030-01-01T00:00:00.000Z',
    },
  };
};

/** Appends one event to the stream of its shelf, at whatever revision it is. */
export class Shop {
  private readonly revisions = new Map<string, bigint>();
  constructor(private readonly log: EventStore) {}

  async receive(sku: string, ...quantities: readonly number[]): Promise<bigint> {
    return this.append(
      sku,
      quantities.map((quantity) => received(sku, quantity)),
    );
  }

  async append(sku: string, events: readonly NewEvent<Received>[]): Promise<bigint> {
    const appended = await this.log.append(`stock-${sku}@main`, this.revisions.get(sku) ?? 'no-stream', events);
    this.revisions.set(sku, appended.revision);
    return appended.position;
  }
}

/** What the view must hold: the log folded afresh, in one piece, by other code than the follower's. */
export async function freshFold(log: EventStore): Promise<ReadonlyMap<string, Shelf>> {
  const shelvesById = new Map<string, Shelf>();
  for await (const { events } of log.readAll<Received>({ types: shelves.types })) {
    for (const event of events) {
      for (const change of shelves.changes(event)) {
        shelvesById.set(change.id, shelves.apply(shelvesById.get(change.id), change));
      }
    }
  }
  return shelvesById;
}

export async function storedShelves(views: ViewStore): Promise<ReadonlyMap<string, Shelf>> {
  const page = await views.find(shelves, { index: 'byUnits', limit: 1_000 });
  return new Map(page.documents.map(({ asOf: _, ...shelf }) => [shelf._id, shelf]));
}

/** Keeps what was logged, for a test to look at. */
export class TestLogger implements FollowerLogger {
  readonly lines: string[] = [];
  info = (message: string): void => void this.lines.push(`info ${message}`);
  warn = (message: string): void => void this.lines.push(`warn ${message}`);
  error = (message: string): void => void this.lines.push(`error ${message}`);
}

/** Resolves once `met` says so. @throws after `withinMs`, with what was waited for */
export async function until(what: string, met: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await met())) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
