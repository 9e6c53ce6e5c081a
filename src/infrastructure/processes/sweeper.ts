import type { Sweep, Swept } from '../../application/processes/sweep.js';
import type { ViewStore } from '../../application/ports/view-store.js';
import { pause } from '../../application/pause.js';
import type { FollowerLogger } from '../follower/follower-logger.js';
import { messageOf } from '../follower/halt.js';
import { backOffMs } from '../waiting.js';

/**
 * `holder`     names this process in leases: `newHolder()`
 * `intervalMs` between two sweeps
 * `leaseMs`    how long a killed process keeps others out
 * `random`     0 ≤ n < 1, for the jitter of back-offs
 */
export type SweeperOptions = Readonly<{
  sweep: Sweep;
  views: Pick<ViewStore, 'acquireLease' | 'releaseLease'>;
  logger: FollowerLogger;
  holder: string;
  intervalMs?: number;
  leaseMs?: number;
  random?: () => number;
}>;

const INTERVAL_MS = 100;
const LEASE_MS = 5_000;
const BACK_OFF_MS = { least: 100, most: 30_000 };

/** Sweeps again and again, while no other process does. What fails is said once, and tried again. */
export class Sweeper {
  /** What is failing now, by its id: said when it begins and when it is over. */
  readonly #failing = new Map<string, string>();

  constructor(private readonly options: SweeperOptions) {}

  /** Until `stop` aborts and the sweep under way has ended; never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { sweep, views, holder, intervalMs = INTERVAL_MS, leaseMs = LEASE_MS, random = Math.random } = this.options;
    let failures = 0;
    let heldUntilMs = 0;
    while (!stop.aborted) {
      let waitMs = intervalMs;
      try {
        const now = performance.now();
        if (now >= heldUntilMs) {
          const lease = await views.acquireLease(sweep.name, holder, leaseMs);
          if (lease) heldUntilMs = now + leaseMs / 3;
          else waitMs = leaseMs / 3;
        }
        if (now < heldUntilMs) this.#tell(await sweep.sweep(stop));
        failures = 0;
        this.#over('');
      } catch (cause) {
        waitMs = backOffMs(++failures, BACK_OFF_MS.least, BACK_OFF_MS.most, random);
        this.#begun('', cause);
      }
      await pause(waitMs, stop);
    }
    await this.#release();
  }

  #tell({ tried, failed }: Swept): void {
    const failing = new Set(failed.map(({ id }) => id));
    for (const { id, cause } of failed) this.#begun(id, cause);
    for (const id of tried) if (!failing.has(id)) this.#over(id);
  }

  #begun(id: string, cause: unknown): void {
    const message = messageOf(cause);
    if (this.#failing.get(id) === message) return;
    this.#failing.set(id, message);
    this.options.logger.warn(`${this.options.sweep.name}${id && ` of ${id}`} will be tried again: ${message}`, cause);
  }

  #over(id: string): void {
    if (this.#failing.delete(id)) this.options.logger.info(`${this.options.sweep.name}${id && ` of ${id}`} goes on`);
  }

  async #release(): Promise<void> {
    const { sweep, views, holder, logger } = this.options;
    try {
      const lease = await views.acquireLease(sweep.name, holder, 1);
      if (lease) await views.releaseLease(lease);
    } catch (cause) {
      logger.warn(`${sweep.name}: its lease was not given back, and expires by itself`, cause);
    }
  }
}
