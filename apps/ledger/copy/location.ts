import { existsSync, realpathSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../../src/application/ports/clock.js';
import type { EventStore } from '../../../src/application/ports/event-store.js';
import { dataFolderAt } from '../../../src/infrastructure/config/data-folder.js';
import { eventStoreSetting } from '../../../src/infrastructure/config/eventstore-setting.js';
import type { CopyTarget } from '../../../src/infrastructure/event-store/copy/copy-log.js';
import { SqliteCopyTarget } from '../../../src/infrastructure/event-store/copy/sqlite-copy-target.js';
import { verbatimCodec } from '../../../src/infrastructure/event-store/copy/verbatim-codec.js';
import { prepareLogFile } from '../../../src/infrastructure/event-store/sqlite-schema.js';
import { SqliteEventStore } from '../../../src/infrastructure/event-store/sqlite-event-store.js';
import { isBusy } from '../../../src/infrastructure/sqlite/result-code.js';
import { CommandFailed } from '../command.js';

/** Where a log is. `shown` is fit for people: without credentials; a folder's is its absolute path. */
export type Location =
  | Readonly<{ kind: 'folder'; logFile: string; shown: string }>
  | Readonly<{ kind: 'eventstoredb'; url: string; shown: string }>;

/** `identity` only where paths do not tell one log from another. */
export type OpenTarget = CopyTarget & Readonly<{ close(): Promise<void>; identity?(): Promise<string> }>;

/**
 * @param option as the user knows it: `--from` or `--to`
 * @throws CommandFailed it is neither a folder's path nor a URL of EventStoreDB
 */
export function locationOf(option: string, text: string, resolvePath: (path: string) => string): Location {
  if (/^esdb(\+discover)?:\/\//i.test(text)) {
    const setting = eventStoreSetting(text);
    if (typeof setting === 'string') throw new CommandFailed(`The URL of ${option} ${setting}`, 2);
    return { kind: 'eventstoredb', ...setting };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) {
    throw new CommandFailed(`${option} is neither a data folder nor the URL of an EventStoreDB (esdb://…).`, 2);
  }
  const { path, logFile } = dataFolderAt(resolvePath(text));
  return { kind: 'folder', logFile, shown: path };
}

/** The log to read, its data as it is stored. Makes nothing. @throws CommandFailed there is none @throws StoreUnavailable */
export async function openSource(location: Location, clock: Clock): Promise<EventStore> {
  if (location.kind === 'eventstoredb') {
    const { EventStoreDbEventStore } =
      await import('../../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js');
    return EventStoreDbEventStore.open({ url: location.url, clock, codec: verbatimCodec, readOnly: true });
  }
  if (!existsSync(location.logFile))
    throw new CommandFailed(`There is no ledger in ${location.shown}: nothing to copy.`);
  return SqliteEventStore.open({ file: location.logFile, clock, codec: verbatimCodec, readOnly: true });
}

/** The log to write; made where it is missing. @throws CommandFailed its folder is missing, or a ledger runs on it */
export async function openTarget(location: Location, clock: Clock): Promise<OpenTarget> {
  if (location.kind === 'eventstoredb') {
    const { EventStoreDbCopyTarget } =
      await import('../../../src/infrastructure/event-store/copy/eventstoredb-copy-target.js');
    return EventStoreDbCopyTarget.open(location.url, clock);
  }
  const { logFile, shown } = location;
  if (!statSync(shown, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandFailed(`There is no folder ${shown}. Make it first, or correct --to.`);
  }
  await prepareLogFile(logFile, true, 1_000);
  if (isInUse(logFile))
    throw new CommandFailed(`A ledger runs on ${shown}, or another program has its log open. Stop it first.`);
  return SqliteCopyTarget.open(logFile, clock);
}

/** @throws CommandFailed both are one */
export function refuseSameFolder(from: Location, to: Location): void {
  if (from.kind !== 'folder' || to.kind !== 'folder' || !existsSync(to.shown) || !existsSync(from.shown)) return;
  if (realpathSync(from.shown) === realpathSync(to.shown)) refuseSame(to);
}

/** Two URLs may lead to one server. @throws CommandFailed both are one */
export async function refuseSameLog(from: EventStore, to: Location, target: OpenTarget): Promise<void> {
  if ((await target.identity?.()) === (await from.identity())) refuseSame(to);
}

function refuseSame({ shown }: Location): never {
  throw new CommandFailed(`--from and --to are the same log: ${shown}.`, 2);
}

/** In WAL mode, every connection holds a lock on the file for as long as it is open, which is in the way of this one. */
function isInUse(file: string): boolean {
  const database = new DatabaseSync(file, { timeout: 200 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch (cause) {
    if (!isBusy(cause)) throw cause;
    return true;
  } finally {
    database.close();
  }
}
