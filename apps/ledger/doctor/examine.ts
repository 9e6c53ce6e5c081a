import { existsSync } from 'node:fs';
import type { EventStore } from '../../../src/application/ports/event-store.js';
import type { Environment } from '../../../src/infrastructure/config/config.js';
import { dataFolderAt } from '../../../src/infrastructure/config/data-folder.js';
import { openEventStore } from '../../../src/infrastructure/engines.js';
import { effectsWith, sweepsWith } from '../../../src/infrastructure/processes/background.js';
import { isExpected } from '../../../src/infrastructure/process/expected-errors.js';
import { projections } from '../../../src/projections/index.js';
import { checkDataFolder } from './data-folder.checks.js';
import { bounded, fail, type Finding } from './finding.js';
import type { FollowerRecord } from './follower-record.js';
import { checkFollowers, checkLeases } from './followers.checks.js';
import { checkKeyFile } from './key-file.checks.js';
import { checkLogFile } from './log-file.checks.js';
import { checkPayments } from './payments.checks.js';
import { checkSettings, type Settings } from './settings.checks.js';
import { checkSnapshots } from './snapshots.checks.js';
import { type FileSizes, lockFinding, sizesOf } from './sqlite-file.checks.js';
import { checkViewFile, type CheckedViews } from './view-file.checks.js';

/** What is examined together. `engine` says which it is, and where, without secrets. */
export type Section = Readonly<{ name: string; engine?: string; findings: readonly Finding[] }>;

/**
 * `deep`  also reads the embedded engines' files whole
 * `now`   milliseconds since 1970
 */
export type ExamineOptions = Readonly<{ env: Environment; deep: boolean; now: () => number }>;

/** A gigabyte of them is read in less, also from a slow disk. */
const SNAPSHOTS_WITHIN_MS = 60_000;
const LOG_SETTINGS = ['LEDGER_DATA', 'EVENTSTORE_URL'];
const VIEW_SETTINGS = ['LEDGER_DATA', 'MONGODB_URL'];
const PAYMENT_SETTINGS = [
  'LEDGER_DATA',
  'STRIPE_SECRET_KEY',
  'STRIPE_API_URL',
  'STRIPE_RETURN_URL',
  'STRIPE_MULTICAPTURE',
  'STRIPE_WEBHOOK_SECRET',
];

/** Asks every engine that the settings choose, each by itself and in time, and changes nothing. */
export async function examine({ env, deep, now }: ExamineOptions): Promise<readonly Section[]> {
  const settings = checkSettings(env);
  const { config, problems } = settings;
  const folder = dataFolderAt(config.dataFolder);
  const isWrong = (names: readonly string[]) => problems.some(({ setting }) => names.includes(setting));
  const log = isWrong(LOG_SETTINGS) ? undefined : logEngine(settings, folder.logFile, deep);
  const views = isWrong(VIEW_SETTINGS) ? undefined : viewEngine(settings, folder.viewsFile, deep);
  const embedded = [log?.file, views?.file].filter((file) => file !== undefined);
  const sizes = new Map(await Promise.all(embedded.map(async (file) => [file, await sizesOf(file)] as const)));

  const { nats } = config;
  const [folderFindings, logFindings, viewFindings, messageFindings, payments, snapshotFindings] = await Promise.all([
    embedded.length === 0 ? [] : bounded('folder', () => checkDataFolder(folder.path)),
    log ? bounded('log', log.check) : [],
    views ? bounded('views', views.check) : [],
    nats ? bounded('messages', async () => (await import('./nats.checks.js')).checkNats(nats)) : [],
    isWrong(PAYMENT_SETTINGS) ? undefined : checkPayments(config),
    bounded('snapshots', () => checkSnapshots(folder.snapshotsFolder, deep), SNAPSHOTS_WITHIN_MS),
  ]);
  const followers =
    log && views
      ? await bounded('followers', () =>
          followersOf(settings, isClosed(logFindings) ? undefined : log.isMade(), views.records(), now()),
        )
      : [];
  const keyFindings = await bounded('keys', () =>
    checkKeyFile(folder.keysFile, config.masterKey, deep, () =>
      logToRead(settings, isClosed(logFindings) ? undefined : log?.isMade()),
    ),
  );
  // The very last: it tidies up what reading lays beside the files.
  const [logLock, viewLock] = await Promise.all([
    lockOf(log?.file, sizes, logFindings),
    lockOf(views?.file, sizes, viewFindings),
  ]);
  return [
    { name: 'settings', findings: settings.findings },
    ...(embedded.length === 0 ? [] : [{ name: 'data folder', engine: folder.path, findings: folderFindings }]),
    ...(log ? [{ name: 'log', engine: log.name, findings: [...logFindings, ...logLock] }] : []),
    ...(views ? [{ name: 'views', engine: views.name, findings: [...viewFindings, ...viewLock] }] : []),
    ...(nats ? [{ name: 'messages', engine: nats.shown, findings: messageFindings }] : []),
    ...(payments && payments.findings.length > 0 ? [{ name: 'payments', ...payments }] : []),
    ...(keyFindings.length === 0 ? [] : [{ name: 'keys', engine: folder.keysFile, findings: keyFindings }]),
    ...(snapshotFindings.length === 0
      ? []
      : [{ name: 'snapshots', engine: folder.snapshotsFolder, findings: snapshotFindings }]),
    ...(log && views ? [{ name: 'followers', findings: followers }] : []),
  ];
}

/**
 * `file`    only of an embedded one
 * `isMade`  asked once it was checked: whether there can be anything to read; `undefined` where that could not be told
 */
type Engine = Readonly<{
  name: string;
  file?: string;
  check: () => Promise<readonly Finding[]>;
}>;
type LogEngine = Engine & Readonly<{ isMade: () => boolean | undefined }>;

function logEngine({ config }: Settings, file: string, deep: boolean): LogEngine {
  const { eventStore } = config;
  if (!eventStore) {
    const check = () => checkLogFile(file, deep);
    return { name: `embedded, ${file}`, file, check, isMade: () => existsSync(file) };
  }
  let hasLedger: boolean | undefined;
  const check = async () => {
    const { checkEventStoreDb } = await import('./eventstoredb.checks.js'); // and the client with it
    const checked = await checkEventStoreDb(eventStore.url);
    hasLedger = checked.hasLedger;
    return checked.findings;
  };
  return { name: eventStore.shown, check, isMade: () => hasLedger };
}

/** `records` are there once it was checked, if they could be read. */
function viewEngine(
  { config }: Settings,
  file: string,
  deep: boolean,
): Engine & Readonly<{ records: () => readonly FollowerRecord[] | undefined }> {
  const { mongodb } = config;
  let checked: CheckedViews | undefined;
  const look = async (): Promise<CheckedViews> => {
    if (!mongodb) return checkViewFile(file, deep);
    const { checkMongoDb } = await import('./mongodb.checks.js'); // and the driver with it
    return checkMongoDb(mongodb, projections);
  };
  const check = async () => {
    checked = await look();
    return checked.findings;
  };
  const records = () => checked?.records;
  return mongodb ? { name: mongodb.shown, check, records } : { name: `embedded, ${file}`, file, check, records };
}

/** @param isMade whether there is a log; `undefined` where that could not be told */
async function followersOf(
  { config }: Settings,
  isMade: boolean | undefined,
  records: readonly FollowerRecord[] | undefined,
  nowMs: number,
): Promise<readonly Finding[]> {
  if (!records) return [fail('followers', 'cannot be told: the views cannot be read', 'See above, under views.')];
  const store = isMade ? await openEventStore(config, 'read-only').catch(unreadable) : undefined;
  if (isMade === undefined || store === 'unreadable') {
    const lag = fail('lag', 'cannot be told: the log cannot be read', 'See above, under log.');
    return [lag, ...checkLeases(records, sweepsWith(config), nowMs)];
  }
  try {
    const all = [...projections, ...effectsWith(config)];
    return [
      ...(await checkFollowers({ projections: all, records, log: store, nowMs })),
      ...checkLeases(records, sweepsWith(config), nowMs),
    ];
  } finally {
    await store?.close();
  }
}

/** `undefined` where there is nothing to read, or no reading it, which was found above. */
async function logToRead({ config }: Settings, isMade: boolean | undefined): Promise<EventStore | undefined> {
  const store = isMade ? await openEventStore(config, 'read-only').catch(unreadable) : undefined;
  return store === 'unreadable' ? undefined : store;
}

/** What was found when the log was checked says why. */
function unreadable(error: unknown): 'unreadable' {
  if (!isExpected(error)) throw error;
  return 'unreadable';
}

/** Whether it was found that an engine cannot be asked anything more. */
const isClosed = (findings: readonly Finding[]): boolean =>
  findings.some(({ check, verdict }) => verdict === 'fail' && ['rights', 'format', 'reachable'].includes(check));

/** Not of a file that is another's, or that cannot be opened anyway. */
async function lockOf(
  file: string | undefined,
  sizes: ReadonlyMap<string, FileSizes>,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  const before = file === undefined ? undefined : sizes.get(file);
  if (file === undefined || before?.file === undefined) return [];
  if (isClosed(findings)) return [];
  return bounded('lock', async () => [await lockFinding(file, before.wal)]);
}
