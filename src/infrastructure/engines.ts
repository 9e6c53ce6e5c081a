import { existsSync } from 'node:fs';
import type { EventStore } from '../application/ports/event-store.js';
import type { SnapshotStore } from '../application/ports/snapshot-store.js';
import type { ViewStore } from '../application/ports/view-store.js';
import { systemClock } from './clock.js';
import { ConfigError, type Config } from './config/config.js';
import { readMasterKey } from './config/master-key-setting.js';
import { dataFolderAt, prepareDataFolder, type DataFolder } from './config/data-folder.js';
import { MalformedEventStoreUrl } from './event-store/eventstoredb/connection-string.js';
import { SqliteEventStore } from './event-store/sqlite-event-store.js';
import { SqliteKeyStore } from './keys/sqlite-key-store.js';
import { LogLost, viewOfAnotherLog } from './lost-log.js';
import { FileSnapshotStore } from './snapshots/file-snapshot-store.js';
import { SqliteViewStore } from './view-store/sqlite-view-store.js';

/** `read-only` makes nothing: no folder, no file. */
export type Access = 'read-write' | 'read-only';

/**
 * The log that the settings choose. EventStoreDB's client is loaded only where it is there. `read-write` begins a new log
 * where there is none, but not beside views that were made from another.
 * @throws ConfigError, DataFolderUnusable, IncompatibleLog, StoreUnavailable, LogLost
 * @throws ViewStoreUnavailable, IncompatibleViews whether the log is new cannot be told
 */
export async function openEventStore(config: Config, access: Access): Promise<EventStore> {
  const store = config.eventStore
    ? await openEventStoreDb(config.eventStore.url, access)
    : await openLogFile(config, access);
  try {
    if (access === 'read-write' && (await store.head()) === undefined) await refuseLostEvents(config, store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openLogFile(config: Config, access: Access): Promise<EventStore> {
  const { logFile } = await folderFor(config, access);
  if (access === 'read-write' && !existsSync(logFile)) await refuseLostFile(config, logFile);
  return SqliteEventStore.open({ file: logFile, clock: systemClock, readOnly: access === 'read-only' });
}

/** Before the file is made, so that the lost one can be put back in its place. */
async function refuseLostFile(config: Config, logFile: string): Promise<void> {
  const found = await withViews(config, (views) => viewOfAnotherLog(views));
  // Another process of this ledger may have made the log meanwhile, and the view from it.
  if (found && !existsSync(logFile)) throw new LogLost(`There is no log at ${logFile}`, found, beginAnew(config));
}

async function refuseLostEvents(config: Config, log: EventStore): Promise<void> {
  const found = await withViews(config, (views) => viewOfAnotherLog(views, log));
  const where = config.eventStore?.shown ?? dataFolderAt(config.dataFolder).logFile;
  if (found) throw new LogLost(`The log at ${where} has no event`, found, beginAnew(config));
}

async function withViews<T>(config: Config, read: (views: ViewStore) => Promise<T>): Promise<T> {
  const views = await openViewStore(config, 'read-only');
  try {
    return await read(views);
  } finally {
    await views.close();
  }
}

function beginAnew({ dataFolder, mongodb }: Config): string {
  const { path } = dataFolderAt(dataFolder);
  const folder = `move the folder ${path} away, or set LEDGER_DATA to another`;
  return `To begin anew, ${folder}${mongodb ? ', and MONGODB_URL to another database' : ''}.`;
}

/**
 * The views that the settings choose. MongoDB's driver is loaded only where they are there.
 * @throws ConfigError, DataFolderUnusable, ViewStoreUnavailable
 */
export async function openViewStore(config: Config, access: Access): Promise<ViewStore> {
  if (config.mongodb) {
    const { MongoViewStore } = await import('./view-store/mongo/mongo-view-store.js');
    const { url, database } = config.mongodb;
    return MongoViewStore.open({ url, database, clock: systemClock, readOnly: access === 'read-only' });
  }
  const { viewsFile } = await folderFor(config, access);
  return SqliteViewStore.open({ file: viewsFile, clock: systemClock, readOnly: access === 'read-only' });
}

/** The keys of personal data, always in the data folder; their file is made with the first key. @throws MasterKeyUnreadable */
export const keyStoreOf = ({ dataFolder, masterKey }: Config): SqliteKeyStore =>
  new SqliteKeyStore(dataFolderAt(dataFolder).keysFile, masterKey && readMasterKey(masterKey));

/** Snapshots of this log's streams, always in the data folder, whatever engine the log has; made with the first one. */
export const snapshotStoreOf = ({ dataFolder }: Config, log: EventStore): SnapshotStore =>
  new FileSnapshotStore({ folder: dataFolderAt(dataFolder).snapshotsFolder, log: () => log.identity() });

async function openEventStoreDb(url: string, access: Access): Promise<EventStore> {
  const { EventStoreDbEventStore } = await import('./event-store/eventstoredb/eventstoredb-event-store.js');
  try {
    return await EventStoreDbEventStore.open({ url, clock: systemClock, readOnly: access === 'read-only' });
  } catch (error) {
    if (!(error instanceof MalformedEventStoreUrl)) throw error;
    throw new ConfigError([{ setting: 'EVENTSTORE_URL', message: error.message }]); // a certificate that is not there
  }
}

async function folderFor({ dataFolder }: Config, access: Access): Promise<DataFolder> {
  return access === 'read-only' ? dataFolderAt(dataFolder) : prepareDataFolder(dataFolder);
}
