import { type Db, MongoServerError } from 'mongodb';
import { collectionOf } from '../../../src/application/ports/view-store.js';
import type { MongoSetting } from '../../../src/infrastructure/config/mongodb-setting.js';
import { clientFor } from '../../../src/infrastructure/view-store/mongo/mongo-connection.js';
import { indexSpecs } from '../../../src/infrastructure/view-store/mongo/mongo-query.js';
import type { ViewRecord } from '../../../src/infrastructure/view-store/mongo/view-records.js';
import type { Projection } from '../../../src/projections/projection.js';
import { clockFinding, diskFinding, fail, type Finding, ok, warn, wordsOf } from './finding.js';
import { connectionAdvice } from './connection-advice.js';
import type { FollowerRecord } from './follower-record.js';
import type { CheckedViews } from './view-file.checks.js';

const PATIENCE_MS = 3_000;
const MAX_TIME_MS = 3_000;

/** The views in MongoDB: the server, what this user may do, and what is in the database. Writes nothing. */
export async function checkMongoDb(setting: MongoSetting, projections: readonly Projection[]): Promise<CheckedViews> {
  const client = clientFor(setting.url, PATIENCE_MS);
  try {
    const db = client.db(setting.database);
    const server = await serverFindings(db);
    if (!server.reached) return { findings: server.findings };
    const rights = await rightsFindings(db);
    if (rights.some(({ verdict }) => verdict === 'fail')) return { findings: [...server.findings, ...rights] };
    const disk = await diskFindings(db);
    const collection = db.collection<ViewRecord>('views', { useBigInt64: true });
    const stored = await collection.find({}, { maxTimeMS: MAX_TIME_MS }).toArray();
    const content = await contentFindings(db, stored, projections);
    return { findings: [...server.findings, ...rights, ...disk, ...content], records: stored.map(recordOf) };
  } finally {
    await client.close();
  }
}

async function serverFindings(db: Db): Promise<Readonly<{ reached: boolean; findings: readonly Finding[] }>> {
  try {
    await db.command({ ping: 1 }); // connects, which would count as the clock's difference
    const askedAt = Date.now();
    const hello = await helloOf(db);
    const tookMs = Date.now() - askedAt;
    const { version } = (await db.command({ buildInfo: 1 })) as { version: string };
    const aheadMs = Math.round(hello.localTime.getTime() - (askedAt + tookMs / 2));
    return {
      reached: true,
      findings: [
        ok('reachable', `answers within ${tookMs} ms`),
        ok('server', `MongoDB ${version}, ${kindOf(hello)}`),
        clockFinding(aheadMs, Math.ceil(tookMs / 2) + 1),
      ],
    };
  } catch (error) {
    return { reached: false, findings: [fail('reachable', wordsOf(error), connectionAdvice(error, 'MONGODB_URL'))] };
  }
}

/** https://www.mongodb.com/docs/manual/reference/command/hello/ */
type Hello = Readonly<{ localTime: Date; msg?: string; setName?: string; hosts?: readonly string[] }>;

/** `isMaster` is what it was called before MongoDB 5, and is understood still. */
async function helloOf(db: Db): Promise<Hello> {
  try {
    return (await db.command({ hello: 1 })) as Hello;
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === COMMAND_NOT_FOUND)) throw error;
    return (await db.command({ isMaster: 1 })) as Hello;
  }
}

function kindOf({ msg, setName, hosts = [] }: Hello): string {
  if (msg === 'isdbgrid') return 'a sharded cluster';
  return setName === undefined ? 'a standalone server' : `replica set ${setName} of ${hosts.length}`;
}

/** Commands that change nothing, and are refused all the same to whoever may not use them. */
const PROBES: Readonly<Record<string, object>> = {
  listCollections: { listCollections: 1, nameOnly: true },
  find: { find: 'views', limit: 1, singleBatch: true },
  update: { update: 'views', updates: [{ q: { _id: { $in: [] } }, u: { $set: { probe: true } } }] },
  remove: { delete: 'views', deletes: [{ q: { _id: { $in: [] } }, limit: 1 }] },
  dropCollection: { drop: 'doctor-probe.never-made' },
};
/** https://www.mongodb.com/docs/manual/reference/error-codes/: Unauthorized; AtlasError, which Atlas says instead; NamespaceNotFound */
const REFUSED = [13, 8000];
const NOT_THERE = 26; // or, before it had a code, only its message
const COMMAND_NOT_FOUND = 59;

async function rightsFindings(db: Db): Promise<readonly Finding[]> {
  const [refused, granted]: [string[], string[]] = [[], []];
  for (const [action, command] of Object.entries(PROBES)) {
    try {
      // Some servers make the collection that an update is for, even where it changes nothing.
      if (action === 'update' && granted.includes('listCollections') && !(await hasViews(db))) continue;
      await db.command({ ...command, maxTimeMS: MAX_TIME_MS });
      granted.push(action);
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      if (REFUSED.includes(Number(error.code))) refused.push(action);
      else if (error.code === NOT_THERE || error.message === 'ns not found') granted.push(action);
      else return [fail('rights', `${action}: ${error.message}`, 'Ask whoever runs the server.')];
    }
  }
  if (refused.length === 0) return [ok('rights', `may ${granted.join(', ')} in ${db.databaseName}`)];
  const todo = `Grant the user of MONGODB_URL the role readWrite on ${db.databaseName}.`;
  return [fail('rights', `may not ${refused.join(', ')} in ${db.databaseName}`, todo)];
}

const hasViews = async (db: Db): Promise<boolean> =>
  (await db.listCollections({ name: 'views' }, { nameOnly: true }).toArray()).length > 0;

async function diskFindings(db: Db): Promise<readonly Finding[]> {
  try {
    const stats = (await db.command({ dbStats: 1, maxTimeMS: MAX_TIME_MS })) as DbStats;
    if (stats.fsTotalSize === undefined || stats.fsUsedSize === undefined)
      return [ok('disk', 'the server does not tell')];
    return [diskFinding(stats.fsTotalSize - stats.fsUsedSize, stats.fsTotalSize, 'at the server')];
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    return [ok('disk', 'this user may not ask')];
  }
}
type DbStats = Readonly<{ fsTotalSize?: number; fsUsedSize?: number }>;

/** Indexes of the views that this build reads, and collections that nothing reads. */
async function contentFindings(
  db: Db,
  stored: readonly ViewRecord[],
  projections: readonly Projection[],
): Promise<readonly Finding[]> {
  const listed = await db.listCollections({}, { nameOnly: true }).toArray();
  const names = new Set(listed.map(({ name }) => name));
  const findings: Finding[] = [];
  for (const view of projections) {
    const record = stored.find(({ _id }) => _id === collectionOf(view));
    if (record?.indexes !== undefined) findings.push(await indexFinding(db, view, nameOf(record), names));
  }
  const live = new Set(stored.filter(({ indexes }) => indexes !== undefined).map(nameOf));
  const left = [...names].filter((name) => /@[0-9]+\.[0-9a-f]{8}$/.test(name) && !live.has(name));
  if (left.length > 0) {
    const todo = 'The next start removes those of its views. Others: db.getCollection("NAME").drop() in mongosh.';
    findings.push(warn('collections', `left over, and read by nothing: ${left.join(', ')}`, todo));
  }
  return findings;
}

async function indexFinding(db: Db, view: Projection, name: string, names: ReadonlySet<string>): Promise<Finding> {
  const check = `${view.name} indexes`;
  const todo = `Stop the ledger and start it again: it makes what is missing. If that does not help: npm run ledger -- rebuild ${view.name}`;
  if (!names.has(name))
    return fail(check, `the collection ${name} is not there`, `npm run ledger -- rebuild ${view.name}`);
  const there = (await db.collection(name).listIndexes().toArray()) as { name: string; key: object }[];
  const keys = new Map(there.map((index) => [index.name, JSON.stringify(index.key)]));
  const declared = indexSpecs(view);
  const missing = declared
    .filter((index) => keys.get(index.name) !== JSON.stringify(index.key))
    .map((index) => index.name);
  if (missing.length > 0) return fail(check, `missing or different: ${missing.join(', ')}`, todo);
  const known = new Set(['_id_', ...declared.map((index) => index.name)]);
  const more = [...keys.keys()].filter((index) => !known.has(index));
  if (more.length === 0) return ok(check, declared.length === 0 ? 'none declared' : `${declared.length} as declared`);
  return warn(
    check,
    `also ${more.join(', ')}, made by somebody else`,
    'Drop them unless somebody needs them: they slow writes.',
  );
}

const nameOf = ({ _id, generation }: ViewRecord): string => `${_id}.${generation}`;

const recordOf = ({ _id, indexes, log, position, holder, expiresAt }: ViewRecord): FollowerRecord => ({
  follower: _id,
  ...(indexes !== undefined && { indexes }),
  ...(log !== undefined && { log }),
  ...(position !== undefined && { position: BigInt(position) }),
  ...(holder !== undefined && { holder }),
  ...(expiresAt !== undefined && { expiresAt: expiresAt.getTime() }),
});
