import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { WaitsFor } from '../../domain/fulfilment/next-actions.js';
import type { OrderId } from '../../domain/order/order.events.js';
import { fulfilmentProgress, fulfilmentView, type FulfilmentDocument } from '../../projections/fulfilment.view.js';
import type { Stored } from '../../projections/projection.js';
import { pause } from '../pause.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { ViewStoreUnavailable, type Page } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewBehind, ViewNotReady, ViewReader, type Answer, type Freshness } from '../views/view-reader.js';

type Found = Stored<FulfilmentDocument> | undefined;

/** What the process knows of an order: nothing but its payments, of one that the ledger does not fulfil. */
export class GetFulfilment extends Query<Answer<Found>> {
  constructor(
    readonly orderId: OrderId,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(GetFulfilment)
export class GetFulfilmentHandler implements IQueryHandler<GetFulfilment> {
  constructor(private readonly reader: ViewReader) {}

  execute({ orderId, freshness }: GetFulfilment): Promise<Answer<Found>> {
    return this.reader.read(fulfilmentView, freshness, (views) => views.get(fulfilmentView, orderId));
  }
}

/** Orders that wait for `waitsFor`, the oldest first. */
export class FindFulfilments extends Query<Answer<Page<FulfilmentDocument>>> {
  constructor(
    readonly waitsFor: WaitsFor,
    readonly page: PageRequest,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(FindFulfilments)
export class FindFulfilmentsHandler implements IQueryHandler<FindFulfilments> {
  constructor(private readonly reader: ViewReader) {}

  execute({ waitsFor, page, freshness }: FindFulfilments): Promise<Answer<Page<FulfilmentDocument>>> {
    const walk = { index: 'waiting', prefix: [waitsFor], ...page };
    return this.reader.read(fulfilmentView, freshness, (views) => views.find(fulfilmentView, walk));
  }
}

/**
 * Waits until the process has nothing more to do for an order before somebody else acts, at most `waitMs`, and gives what
 * is known then. `position` is that of the command after which it waits. `undefined`: the ledger does not fulfil the order,
 * or nothing is known of it in that time.
 */
export class AwaitFulfilment extends Query<Found> {
  constructor(
    readonly orderId: OrderId,
    readonly position: bigint | undefined,
    readonly waitMs: number,
  ) {
    super();
  }
}

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

@QueryHandler(AwaitFulfilment)
export class AwaitFulfilmentHandler implements IQueryHandler<AwaitFulfilment> {
  constructor(
    private readonly reader: ViewReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ orderId, position: minPosition, waitMs }: AwaitFulfilment): Promise<Found> {
    const deadline = performance.now() + waitMs;
    let found: Found;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5)) {
      const left = Math.max(0, deadline - performance.now());
      const read = await this.#read(orderId, { waitMs: left, ...(minPosition === undefined ? {} : { minPosition }) });
      if (read === 'unknown') return found;
      found = read;
      if (!found?.order || left === 0) return found?.order ? found : undefined;
      if (fulfilmentProgress(found, new Date(this.clock.now()).toISOString()) !== 'working') return found;
      await pause(Math.min(pauseMs, left));
    }
  }

  /** The command has been recorded, so a view that cannot tell is no failure of it. */
  async #read(orderId: OrderId, freshness: Freshness): Promise<Found | 'unknown'> {
    try {
      return (await this.reader.read(fulfilmentView, freshness, (views) => views.get(fulfilmentView, orderId))).value;
    } catch (error) {
      if (error instanceof ViewNotReady || error instanceof ViewBehind) return 'unknown';
      if (error instanceof ViewStoreUnavailable) return 'unknown';
      throw error;
    }
  }
}
