import type { EventStore } from '../../../src/application/ports/event-store.js';
import { collectionOf } from '../../../src/application/ports/view-store.js';
import { lagBetween } from '../../../src/infrastructure/follower/lag.js';
import { shapesOf } from '../../../src/infrastructure/view-store/view-checks.js';
import type { Followed } from '../../../src/infrastructure/follower/intake.js';
import { EFFECTS } from '../../../src/infrastructure/processes/background.js';
import { describeBehind, eventsAfter } from '../events-behind.js';
import { withoutRunId } from '../holder-name.js';
import { fail, type Finding, ok, warn } from './finding.js';
import { type FollowerRecord, viewNamed } from './follower-record.js';

/**
 * `projections`  every follower that should be at work, those without a view included
 * `records`  all that the view store has written down
 * `log`      absent while there is none
 */
export type Followers = Readonly<{
  projections: readonly Followed[];
  records: readonly FollowerRecord[];
  log: EventStore | undefined;
  nowMs: number;
}>;

/** A follower that is further behind than this, and is followed, has something in its way. */
const SLOW_SECONDS = 60;

/** How each view stands to the log, and what else is in the view store. */
export async function checkFollowers(all: Followers): Promise<readonly Finding[]> {
  const { projections, records, log, nowMs } = all;
  const head = await log?.head();
  const identity = await log?.identity();
  const findings: Finding[] = [];
  for (const view of projections) {
    const record = records.find(({ follower }) => follower === collectionOf(view));
    const origin = record && originFinding(view, record, identity, head);
    findings.push(origin ?? (await lagFinding(view, record, log, head, nowMs)));
  }
  const current = new Set([...projections, ...EFFECTS].map(collectionOf));
  for (const record of records) {
    if (!current.has(record.follower) && record.indexes !== undefined)
      findings.push(strangerFinding(record, projections));
  }
  return findings;
}

/**
 * Who follows the log and sweeps, and who did and has not said that it stopped.
 * `sweeps`  the leases of those that should be at work
 */
export function checkLeases(
  records: readonly FollowerRecord[],
  sweeps: readonly string[],
  nowMs: number,
): readonly Finding[] {
  const leases = records.filter(({ holder }) => holder !== undefined);
  const isUp = leases.some((record) => isHeld(record, nowMs));
  const idle = sweeps.filter((sweep) => leases.every(({ follower }) => follower !== sweep));
  return [...leases.map((record) => leaseFinding(record, nowMs)), ...idle.map((sweep) => idleFinding(sweep, isUp))];
}

/** Nobody has its lease, nor had it when they were killed. */
function idleFinding(sweep: string, isUp: boolean): Finding {
  if (!isUp) return ok(`${sweep} lease`, 'nobody: no projector is at work');
  const todo = 'Is a projector of an older build at work? Else read what it logs about the sweep.';
  return warn(`${sweep} lease`, 'nobody, though a projector is at work', todo);
}

/** Whether the view can be of this log, and of this build. */
function originFinding(
  view: Followed,
  record: FollowerRecord,
  identity: string | undefined,
  head: bigint | undefined,
): Finding | undefined {
  const { follower, log, position, indexes } = record;
  const isView = EFFECTS.every(({ name }) => name !== view.name);
  const anew = isView
    ? `make the view anew: npm run ledger -- rebuild ${view.name}`
    : `let it begin with this log, from its first event: npm run ledger -- drop ${follower}`;
  if (indexes !== undefined && indexes !== JSON.stringify(shapesOf(view))) {
    return fail(follower, `was made with other indexes: ${indexes}`, `M${anew.slice(1)}`);
  }
  if (log !== undefined && identity !== undefined && log !== identity) {
    const todo = `Set the ledger to that log again, or ${anew}`;
    return fail(follower, 'was made from another log than this', todo);
  }
  if (position === undefined || position <= (head ?? 0n)) return undefined;
  const end = head === undefined ? 'the log is empty' : `the log ends at ${head}`;
  const todo = `The log was put back, or is another: bring the newest one back, or ${anew}`;
  return fail(follower, `is at ${position}, and ${end}`, todo);
}

async function lagFinding(
  view: Followed,
  record: FollowerRecord | undefined,
  log: EventStore | undefined,
  head: bigint | undefined,
  nowMs: number,
): Promise<Finding> {
  const name = collectionOf(view);
  const at = record?.position === undefined ? 'not made yet' : `at ${record.position}`;
  if (!log || head === undefined) return ok(name, `${at}; the log is empty`);
  const { positions, seconds } = await lagBetween(log, record?.position, head, nowMs);
  if (positions === 0n) return ok(name, `${at}, up to date`);
  const behind = `${at}, ${describeBehind(await eventsAfter(log, record?.position), seconds)} behind`;
  if (!record || !isHeld(record, nowMs)) {
    return warn(name, `${behind}, and nobody follows the log for it`, 'Start the ledger, or its projector: npm start');
  }
  if ((seconds ?? Infinity) <= SLOW_SECONDS) return ok(name, behind);
  const todo = 'Read what the projector that holds the lease logs: it says what it stopped at, or why it is slow.';
  return warn(name, behind, todo);
}

function strangerFinding({ follower }: FollowerRecord, projections: readonly Followed[]): Finding {
  const named = viewNamed(follower);
  const known = projections.find(({ name }) => name === named?.name);
  if (known && named && named.version > known.version) {
    const todo = 'Run the newer build. This one leaves the view alone.';
    return warn(follower, `a newer build made it: this one has version ${known.version}`, todo);
  }
  const found = known ? `an older version: this build has ${known.version}` : 'this build has no such view';
  return warn(follower, found, `Once no build that reads it runs any more: npm run ledger -- drop ${follower}`);
}

function leaseFinding(record: FollowerRecord, nowMs: number): Finding {
  const check = `${record.follower} lease`;
  const seconds = (Math.abs((record.expiresAt ?? 0) - nowMs) / 1000).toFixed(1);
  const holder = withoutRunId(record.holder ?? '');
  if (isHeld(record, nowMs)) return ok(check, `${holder}, for ${seconds} s unless it renews it`);
  const found = `${holder} had it, and it expired ${seconds} s ago`;
  const todo =
    'That process was killed or is paused, or its machine’s clock is behind. A projector that runs takes the view over ' +
    'by itself; where none does, npm start.';
  return warn(check, found, todo);
}

const isHeld = ({ holder, expiresAt = 0 }: FollowerRecord, nowMs: number): boolean =>
  holder !== undefined && expiresAt > nowMs;
