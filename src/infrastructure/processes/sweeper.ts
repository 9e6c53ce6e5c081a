import type { Sweep, Swept } from '../../application/processes/sweep.js';
import type { Checkpoint, ViewStore } from '../../application/ports/view-store.js';
import { pause } from '../../application/pause.js';
import type { FollowerLogger } from '../follower/follower-logger.js';
import { messageOf } from '../follower/halt.js';
import { backOffMs } from '../waiting.js';

/**
 * `holder`     names this process in leases: `newHolder()`
 * `intervalMs` between two sweeps, at most: a sweep whose view changes comes within `LOOK_MS`
 * `leaseMs`    how long a killed process keeps others out
 * `random`     0 ≤ n < 1, for the jitter of back-offs
 */
export type SweeperOptions = Readonly<{
  sweep: Sweep;
  views: Pick<ViewStore, 'acquireLease' | 'releaseLease' | 'checkpoint'>;
  logger: FollowerLogger;
  holder: string;
  intervalMs?: number;
  leaseMs?: number;
  random?: () => number;
}>;

const INTERVAL_MS = 100;
/** How often a view is asked whether it has changed, by whichever process: one small read each. */
const LOOK_MS = 20;
const LEASE_MS = 5_000;
const BACK_OFF_MS = { least: 100, most: 30_000 };

/** Sweeps again and again, while no other process does. What fails is said once, and tried again. */
export class Sweeper {
  /** What is failing now, by its id: said when it begins and when it is over. */
  readonly #failing = new Map<string, string>();
  /** How far the view had come when the last sweep began. */
  #seen: bigint | undefined;

  constructor(private readonly options: SweeperOptions) {}

  /** Until `stop` aborts and the sweep under way has ended; never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { sweep, views, holder, leaseMs = LEASE_MS, random = Math.random } = this.options;
    let failures = 0;
    let heldUntilMs = 0;
    while (!stop.aborted) {
      let waitMs = 0;
      try {
        const now = performance.now();
        if (now >= heldUntilMs) {
          const lease = await views.acquireLease(sweep.name, holder, leaseMs);
          if (lease) heldUntilMs = now + leaseMs / 3;
          else waitMs = leaseMs / 3;
        }
        if (now < heldUntilMs) await this.#sweep(stop);
        failures = 0;
        this.#over('');
        if (now < heldUntilMs) await this.#untilNext(stop);
      } catch (cause) {
        waitMs = backOffMs(++failures, BACK_OFF_MS.least, BACK_OFF_MS.most, random);
        this.#begun('', cause);
      }
      await pause(waitMs, stop);
    }
    await this.#release();
  }

  async #sweep(stop: AbortSignal): Promise<void> {
    const checkpoint = await this.#checkpoint();
    this.#seen = checkpoint?.position;
    this.#tell(await this.options.sweep.sweep(stop, checkpoint));
  }

  /** Waits until the view has changed since the sweep began, and so long at most as is between two sweeps. */
  async #untilNext(stop: AbortSignal): Promise<void> {
    const { sweep, intervalMs = INTERVAL_MS } = this.options;
    const end = performance.now() + intervalMs;
    for (let leftMs = intervalMs; leftMs > 0 && !stop.aborted; leftMs = end - performance.now()) {
      await pause(sweep.view ? Math.min(LOOK_MS, leftMs) : leftMs, stop);
      if ((await this.#checkpoint())?.position !== this.#seen) return;
    }
  }

  async #checkpoint(): Promise<Checkpoint | undefined> {
    const { sweep, views } = this.options;
    return sweep.view && views.checkpoint(sweep.view);
  }

  #tell({ tried, failed, isAll }: Swept): void {
    const failing = new Set(failed.map(({ id }) => id));
    for (const { id, cause } of failed) this.#begun(id, cause);
    for (const id of isAll ? this.#failing.keys() : tried) if (!failing.has(id)) this.#over(id);
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
