import { InvalidAppend, MAX_APPEND_BYTES } from '../../../src/application/ports/event-store.js';
import { parseEventStoreUrl } from '../../../src/infrastructure/event-store/eventstoredb/connection-string.js';
import { type Member, ServerProbe } from '../../../src/infrastructure/event-store/eventstoredb/server-probe.js';
import { megabytes } from '../megabytes.js';
import { connectionAdvice } from './connection-advice.js';
import { clockFinding, diskFinding, fail, type Finding, ok, warn } from './finding.js';

const DEADLINE_MS = 3_000;

/** `hasLedger`: false where a ledger was never opened to write; absent where that could not be read. */
export type CheckedEventStoreDb = Readonly<{ findings: readonly Finding[]; hasLedger?: boolean }>;

/** The log in EventStoreDB: the server, its leader, and what this user may do. Writes nothing. */
export async function checkEventStoreDb(url: string): Promise<CheckedEventStoreDb> {
  const probe = new ServerProbe(parseEventStoreUrl(url), DEADLINE_MS);
  try {
    const { aheadMs, exactMs, version, tookMs } = await probe.hello();
    let hasLedger: boolean | undefined;
    const findings = [
      ok('reachable', `answers within ${tookMs} ms`),
      ok('server', `EventStoreDB (KurrentDB) ${version}`),
      ...(aheadMs === undefined ? [] : [clockFinding(aheadMs, exactMs)]),
      await attempt('leader', async () => leaderFinding(await probe.members())),
      await attempt('read', async () => {
        await probe.readAll();
        hasLedger = await probe.hasLedger();
        return ok('read', `this user may read $all${hasLedger ? '' : '; there is no ledger yet: npm start makes it'}`);
      }),
      await attempt('append', () => appendFinding(probe)),
      await attempt('disk', async () => {
        const disk = await probe.disk();
        return disk
          ? diskFinding(disk.freeBytes, disk.totalBytes, 'at the server')
          : ok('disk', 'the server does not tell');
      }),
    ];
    return { findings, ...(hasLedger !== undefined && { hasLedger }) };
  } catch (error) {
    const todo = connectionAdvice(error, 'EVENTSTORE_URL');
    return { findings: [fail('reachable', messageOf(error), todo)] };
  } finally {
    await probe.close();
  }
}

async function attempt(check: string, work: () => Promise<Finding>): Promise<Finding> {
  try {
    return await work();
  } catch (error) {
    return fail(check, messageOf(error), connectionAdvice(error, 'EVENTSTORE_URL'));
  }
}

function leaderFinding(members: readonly Member[]): Finding {
  const leader = members.find(({ leads, isAlive }) => leads && isAlive);
  const down = members.filter(({ isAlive }) => !isAlive).map(({ name }) => name);
  if (!leader) {
    const todo = 'Bring up so many nodes that they are a majority: without a leader nothing is written.';
    return fail('leader', `none of ${members.length} nodes leads`, todo);
  }
  const found = members.length === 1 ? `${leader.name}, the only node` : `${leader.name}, of ${members.length} nodes`;
  if (down.length === 0) return ok('leader', found);
  return warn(
    'leader',
    `${found}; down: ${down.join(', ')}`,
    'Bring them back: with a majority down, nothing is written.',
  );
}

async function appendFinding(probe: ServerProbe): Promise<Finding> {
  await probe.append(0);
  try {
    await probe.append(MAX_APPEND_BYTES);
  } catch (error) {
    if (!(error instanceof InvalidAppend)) throw error;
    return fail('append', messageOf(error), `Set the server's MaxAppendSize to ${MAX_APPEND_BYTES} bytes or more.`);
  }
  return ok('append', `this user may, and ${megabytes(MAX_APPEND_BYTES)} at once`);
}

/** The adapter's words hold what their causes say. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
