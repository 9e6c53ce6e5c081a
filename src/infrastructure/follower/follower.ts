import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pause } from '../../application/pause.js';
import type { LogBatch } from '../../application/ports/event-store.js';
import { LeaseLost, ViewOfAnotherLog, collectionOf, type Lease } from '../../application/ports/view-store.js';
import { Attempt, LogFallsShort, SubscriptionEnded } from './attempt.js';
import { Fold } from './fold.js';
import { DEFAULT_SETTINGS, type FollowerOptions, type FollowerSettings } from './follower-options.js';
import { StatusKeeper, type FollowerState, type FollowerStatus } from './follower-status.js';
import { Halt, asHalt, messageOf } from './halt.js';
import type { Intake } from './intake.js';
import { lagBetween } from './lag.js';
import { backOffMs, orAbort, settlesWithin } from '../waiting.js';

/** A lease holder's name that no other process, and no earlier run of this one, has. */
export const newHolder = (): string => `${hostname()}:${process.pid}:${randomUUID()}`;

/**
 * Keeps one view, or another effect, up with the log: takes the lease, reads history in bulk, then follows live. Progress is only what is
 * committed: after a drop, a silent end or a stall, all treated alike, it backs off and resumes from the committed
 * checkpoint. At an event that cannot be folded it commits all before, stops, and is not tried again in this process: it
 * says so at once and again and again, and others that hold the lease after it stop there too.
 */
export class Follower {
  readonly name: string;
  private readonly settings: FollowerSettings;
  private readonly random: () => number;
  private readonly keeper: StatusKeeper;
  private attempt: Attempt | undefined;
  private failures = 0;

  constructor(private readonly options: FollowerOptions) {
    this.name = collectionOf(options.projection);
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.random = options.random ?? Math.random;
    this.keeper = new StatusKeeper(this.name, options.clock);
  }

  status(): FollowerStatus {
    return this.keeper.status;
  }

  /**
   * Works until `stop` aborts; then finishes the batch under way or abandons it, frees the lease, and resolves. Never
   * rejects: what goes wrong is in `status()` and in the log. Called once.
   */
  async run(stop: AbortSignal): Promise<void> {
    const probing = this.keepProbing(stop);
    while (!stop.aborted) {
      try {
        const lease = await this.takeLease(stop);
        if (lease) await this.work(lease, stop);
      } catch (cause) {
        await this.recover(cause, stop);
      }
    }
    await probing;
    this.enter('stopped');
  }

  private async takeLease(stop: AbortSignal): Promise<Lease | undefined> {
    const { views, holder } = this.options;
    for (;;) {
      if (stop.aborted) return undefined;
      const asked = views.acquireLease(this.name, holder, this.settings.leaseMs);
      const lease = await orAbort(asked, AbortSignal.any([stop, AbortSignal.timeout(this.settings.stallMs)]));
      if (lease) return lease;
      this.enter('waiting-for-lease');
      await pause(this.settings.leasePollMs, stop);
    }
  }

  /** One attempt with one lease: rejects with what broke it, resolves when it was asked to stop. */
  private async work(lease: Lease, stop: AbortSignal): Promise<void> {
    const attempt = new Attempt(this.options, this.settings, lease, stop);
    this.attempt = attempt;
    try {
      await this.follow(attempt);
    } catch (cause) {
      if (!stop.aborted) throw cause;
      this.options.logger.info(`${this.name}: left the batch under way, to be folded again: ${messageOf(cause)}`);
    } finally {
      this.attempt = undefined;
      await this.giveBack(attempt);
    }
  }

  private async follow(attempt: Attempt): Promise<void> {
    const { projection, views, log } = this.options;
    const { batchSize } = this.settings;
    this.enter('catching-up');
    await attempt.guard(this.prepare(await attempt.guard(log.identity())));
    const checkpoint = await attempt.guard(views.checkpoint(projection));
    if (checkpoint) {
      const head = await attempt.guard(log.head());
      if (head === undefined || head < checkpoint.position)
        throw new LogFallsShort(projection, checkpoint.position, head, this.keeps);
    }
    attempt.resumeAfter(checkpoint?.position);
    const query = () => ({
      types: projection.types,
      batchSize,
      signal: attempt.reading,
      ...(attempt.lookedAt !== undefined && { after: attempt.lookedAt }),
    });
    const intake = this.newIntake();
    try {
      await this.consume(log.readAll(query()), intake, attempt);
      if (attempt.stopping) return;
      this.enter('live');
      await this.consume(log.subscribe(query()), intake, attempt);
      if (!attempt.stopping) throw new SubscriptionEnded('The subscription ended by itself');
    } finally {
      await intake.close?.();
    }
  }

  /** A store takes every follower for a view; one that is none is not told to be made anew. */
  private async prepare(log: string): Promise<void> {
    const { projection, views } = this.options;
    try {
      await views.prepare(projection, log);
    } catch (cause) {
      throw cause instanceof ViewOfAnotherLog ? new ViewOfAnotherLog(projection, this.keeps) : cause;
    }
  }

  private get keeps(): 'documents' | 'nothing' {
    return this.options.intake ? 'nothing' : 'documents';
  }

  private newIntake(): Intake {
    const { options } = this;
    return options.intake ? options.intake() : new Fold(options.projection, options.views, this.settings.keepSize);
  }

  /** Handles batch after batch. The next one is awaited by hand, because a store that hangs may not hear its signal. */
  private async consume(batches: AsyncIterable<LogBatch>, intake: Intake, attempt: Attempt): Promise<void> {
    const iterator = batches[Symbol.asyncIterator]();
    try {
      while (!attempt.stopping) {
        if (attempt.uncommitted && this.commitDueMs(attempt) === 0) await this.commit(intake, attempt);
        const next = iterator.next();
        const patienceMs = this.isLive && intake.waiting > 0 ? 0 : this.commitDueMs(attempt);
        if (attempt.uncommitted && !(await settlesWithin(next, patienceMs))) await this.commit(intake, attempt);
        const result = await orAbort(next, attempt.reading);
        if (result.done) break;
        await this.handle(result.value, intake, attempt);
        await nextTurn(); // stores that answer at once would otherwise starve timers, signals and other followers
      }
    } catch (cause) {
      if (asHalt(cause) && attempt.uncommitted) await this.commit(intake, attempt);
      if (!attempt.stopping || cause !== attempt.reading.reason) throw cause;
    } finally {
      this.close(iterator);
    }
    if (attempt.uncommitted) await this.commit(intake, attempt);
  }

  private async handle({ events, upTo }: LogBatch, intake: Intake, attempt: Attempt): Promise<void> {
    const { folded, halt } = await attempt.guard(intake.add(events));
    const reached = halt ? events[folded - 1]?.position : upTo;
    if (reached !== undefined && attempt.reached(reached)) this.failures = 0;
    this.keeper.count({ events: folded });
    const full = intake.waitingSize > this.settings.keepSize;
    if (attempt.uncommitted && (halt || full)) await this.commit(intake, attempt);
    if (halt) throw halt;
  }

  private get isLive(): boolean {
    return this.keeper.status.state === 'live';
  }

  /** How long the next commit may wait for more to go with it. */
  private commitDueMs(attempt: Attempt): number {
    const { historyMs, liveMs } = this.settings;
    return Math.max(0, (this.isLive ? liveMs : historyMs) - attempt.sinceCommitMs());
  }

  private async commit(intake: Intake, attempt: Attempt): Promise<void> {
    const { lookedAt, checkpoint } = attempt;
    if (lookedAt === undefined) return;
    const after = checkpoint === undefined ? {} : { after: checkpoint };
    const batch = { documents: intake.documents(), checkpoint: lookedAt, ...after };
    try {
      await attempt.guard(this.options.views.commit(this.options.projection, batch, attempt.lease));
    } catch (cause) {
      throw cause instanceof RangeError ? new Halt(cause.message, {}, { cause }) : cause;
    }
    intake.settled();
    attempt.committed(lookedAt);
    this.keeper.count({ documents: batch.documents.length, commits: 1 });
  }

  private async recover(cause: unknown, stop: AbortSignal): Promise<void> {
    if (stop.aborted) return;
    const halt = asHalt(cause);
    if (halt) return this.halt(halt, stop);
    if (cause instanceof LeaseLost) {
      this.options.logger.warn(`${this.name}: ${cause.message}`);
      this.enter('waiting-for-lease');
      return pause(this.settings.leasePollMs, stop);
    }
    this.failures += 1;
    this.keeper.count({ failures: 1 });
    this.keeper.failed(cause);
    const ms = backOffMs(this.failures, this.settings.backOffMinMs, this.settings.backOffMaxMs, this.random);
    this.options.logger.warn(`${this.name}: ${messageOf(cause)}; trying again in ${Math.round(ms)} ms`, cause);
    this.enter('backing-off');
    return pause(ms, stop);
  }

  /** Stays until the process stops: the same code would stop at the same event. */
  private async halt(halt: Halt, stop: AbortSignal): Promise<void> {
    this.keeper.halted(halt);
    this.enter('stopped');
    while (!stop.aborted) {
      const advice = 'Nothing after it reaches this view until the cause is mended and the process is started again';
      this.options.logger.error(`${this.name} stopped: ${halt.message}. ${advice}`, halt.cause);
      await pause(this.settings.reminderMs, stop);
    }
  }

  private async giveBack(attempt: Attempt): Promise<void> {
    try {
      await attempt.end();
    } catch (cause) {
      this.options.logger.warn(`${this.name}: the lease was not freed and has to expire: ${messageOf(cause)}`, cause);
    }
  }

  private close(iterator: AsyncIterator<LogBatch>): void {
    const closing = iterator.return?.();
    closing?.catch((cause: unknown) => {
      this.options.logger.warn(`${this.name}: closing the log's reader failed: ${messageOf(cause)}`, cause);
    });
  }

  /** Looks at the log from beside the subscription, which may be broken without knowing it. */
  private async keepProbing(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        await this.probe(AbortSignal.any([stop, AbortSignal.timeout(this.settings.stallMs)]));
      } catch (cause) {
        if (!stop.aborted) this.options.logger.warn(`${this.name}: cannot measure its lag: ${messageOf(cause)}`, cause);
      }
      await pause(this.settings.probeMs, stop);
    }
  }

  private async probe(signal: AbortSignal): Promise<void> {
    const { log, views, projection, clock } = this.options;
    const head = await orAbort(log.head(), signal);
    const attempt = this.attempt;
    const committed = attempt?.checkpoint;
    attempt?.checkStall(head);
    const checkpoint = await orAbort(views.checkpoint(projection), signal);
    attempt?.checkStored(committed, checkpoint?.position);
    const lag = await orAbort(lagBetween(log, checkpoint?.position, head, clock.now()), signal);
    this.keeper.measured(lag);
  }

  private enter(state: FollowerState): void {
    if (this.keeper.enter(state)) this.options.logger.info(`${this.name}: ${state}`);
  }
}
