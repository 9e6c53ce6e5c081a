import { pause } from '../../../../src/application/pause.js';
import type { Clock } from '../../../../src/application/ports/clock.js';
import type { EventStore } from '../../../../src/application/ports/event-store.js';
import { collectionOf, type ViewStore } from '../../../../src/application/ports/view-store.js';
import { LogFallsShort } from '../../../../src/infrastructure/follower/attempt.js';
import { Follower, newHolder } from '../../../../src/infrastructure/follower/follower.js';
import { FollowerGroup } from '../../../../src/infrastructure/follower/follower-group.js';
import type { FollowerStatus } from '../../../../src/infrastructure/follower/follower-status.js';
import type { Projection } from '../../../../src/projections/projection.js';
import { CommandFailed } from '../../command.js';
import type { Output } from '../../output.js';

export type CatchUpOptions = Readonly<{
  log: EventStore;
  views: ViewStore;
  clock: Clock;
  output: Output;
  signal: AbortSignal;
  /** How long nothing at all may move before it is given up. */
  patienceMs?: number;
}>;

const POLL_MS = 100;
const DEFAULT_PATIENCE_MS = 60_000;

/**
 * Sees to it that the views hold the whole log as it is now, and returns its head. Views that a running projector
 * follows are waited for; those that nobody follows are followed here, in this process, until they are there.
 * @throws CommandFailed a view cannot go on, or does not move
 * @throws ViewOfAnotherLog, LogFallsShort
 */
export async function catchUp(
  projections: readonly Projection[],
  options: CatchUpOptions,
): Promise<bigint | undefined> {
  const { log, views, clock, output, signal } = options;
  const head = await log.head();
  const identity = await log.identity();
  for (const projection of projections) {
    await views.prepare(projection, identity);
    await refuseWhereLogFallsShort(projection, log, views);
  }
  if (head === undefined) return undefined;
  const behind = await viewsBehind(projections, views, head);
  if (behind.length === 0) return head;

  output.note(await saying(behind, views));
  const holder = newHolder();
  const note = (message: string) => output.note(message);
  const logger = { info: () => undefined, warn: note, error: note };
  // A follower takes its view's lease where it is free, and waits while a projector has it.
  const followers = behind.map((projection) => new Follower({ projection, log, views, clock, logger, holder }));
  const stop = new AbortController();
  const group = new FollowerGroup(followers);
  const running = group.run(stop.signal);
  try {
    await reached(behind, head, () => group.status(), options);
  } finally {
    stop.abort();
    await running;
  }
  signal.throwIfAborted();
  return head;
}

async function refuseWhereLogFallsShort(projection: Projection, log: EventStore, views: ViewStore): Promise<void> {
  const checkpoint = await views.checkpoint(projection);
  const head = await log.head(); // after the checkpoint, so that it is never too old for it
  if (checkpoint && checkpoint.position > (head ?? 0n)) throw new LogFallsShort(projection, checkpoint.position, head);
}

async function reached(
  projections: readonly Projection[],
  head: bigint,
  statuses: () => readonly FollowerStatus[],
  { views, output, signal, patienceMs = DEFAULT_PATIENCE_MS }: CatchUpOptions,
): Promise<void> {
  const progress = output.progress('following', Number(head) * projections.length);
  let movedAt = performance.now();
  let before = -1n;
  try {
    for (;;) {
      signal.throwIfAborted();
      const positions = await Promise.all(projections.map((each) => positionOf(each, views)));
      if (positions.every((position) => position >= head)) return;
      const sum = positions.reduce((a, b) => a + (b < head ? b : head), 0n);
      progress.update(Number(sum));
      const halted = statuses().find((status) => status.halted);
      if (halted?.halted) throw new CommandFailed(`${halted.follower} cannot go on: ${halted.halted.message}`);
      if (sum !== before) movedAt = performance.now();
      before = sum;
      if (performance.now() - movedAt > patienceMs) throw new CommandFailed(await notMoving(projections, views, head));
      await pause(POLL_MS);
    }
  } finally {
    progress.finish();
  }
}

const positionOf = async (projection: Projection, views: ViewStore): Promise<bigint> =>
  (await views.checkpoint(projection))?.position ?? 0n;

async function viewsBehind(projections: readonly Projection[], views: ViewStore, head: bigint): Promise<Projection[]> {
  const positions = await Promise.all(projections.map((each) => positionOf(each, views)));
  return projections.filter((_, index) => (positions[index] ?? 0n) < head);
}

async function saying(behind: readonly Projection[], views: ViewStore): Promise<string> {
  const leases = await Promise.all(behind.map((each) => views.lease(collectionOf(each))));
  const free = behind.filter((_, index) => leases[index] === undefined).map(({ name }) => name);
  const held = behind.filter((_, index) => leases[index] !== undefined).map(({ name }) => name);
  const here = free.length === 0 ? [] : [`No projector follows the log for ${free.join(', ')}: doing so here.`];
  const there = held.length === 0 ? [] : [`Waiting for the projector to bring ${held.join(', ')} up to the log.`];
  return [...here, ...there].join('\n');
}

async function notMoving(projections: readonly Projection[], views: ViewStore, head: bigint): Promise<string> {
  const behind = await viewsBehind(projections, views, head);
  return (
    `${behind.map(({ name }) => name).join(', ')} did not come any nearer to the log's head. ` +
    'Look at what the projector says, or at: npm run ledger -- status'
  );
}
