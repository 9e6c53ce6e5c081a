import { stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { EventStore } from '../../../src/application/ports/event-store.js';
import type { CustomerEvent } from '../../../src/domain/customer/customer.events.js';
import {
  MasterKeyUnreadable,
  readMasterKey,
  type MasterKeySetting,
} from '../../../src/infrastructure/config/master-key-setting.js';
import { KEY_FILE_HEADER } from '../../../src/infrastructure/keys/key-file.js';
import { fingerprintOf, type MasterKey } from '../../../src/infrastructure/keys/master-key.js';
import { whoseFile } from '../../../src/infrastructure/sqlite/file-header.js';
import { errorCode } from '../error-code.js';
import { fail, type Finding, ok, wordsOf } from './finding.js';
import { rightsFinding } from './sqlite-file.checks.js';

const PUT_BACK = 'Put the file back from its backup; without it, personal data cannot be read.';

/**
 * The keys of personal data; nothing where there are none and none are missed. Writes nothing.
 * `setting`  the master key that is set, if one is
 * `log`  opens the log to read; only asked when `deep`, because every customer is then looked up in it
 */
export async function checkKeyFile(
  file: string,
  setting: MasterKeySetting | undefined,
  deep: boolean,
  log: () => Promise<EventStore | undefined>,
): Promise<readonly Finding[]> {
  const mode = await modeOf(file);
  const opened = mode === undefined ? nothingIn : await open(file);
  if ('verdict' in opened) return [opened];
  const { states, under } = opened;
  const subjects = deep ? await subjectFindings(states, log) : [];
  if (mode === undefined) return subjects.filter(({ verdict }) => verdict !== 'ok');
  const held = [...states.values()].filter((isErased) => !isErased).length;
  const kept = ok('keys', `${held} held, ${states.size - held} destroyed`);
  return [modeFinding(file, mode), kept, masterKeyFinding(under, setting), ...subjects];
}

async function modeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mode & 0o777;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function modeFinding(file: string, mode: number): Finding {
  const found = `${file}, rights ${mode.toString(8).padStart(3, '0')}`;
  if ((mode & 0o077) === 0) return ok('file', found);
  return fail('file', `${found}: others may get at the keys`, `chmod 600 ${file}`);
}

function masterKeyFinding(under: Buffer | undefined, setting: MasterKeySetting | undefined): Finding {
  let key: MasterKey | undefined;
  try {
    key = setting && readMasterKey(setting);
  } catch (error) {
    if (!(error instanceof MasterKeyUnreadable)) throw error;
    return fail('master key', error.message, 'Put it there, or name the file that it is in.');
  }
  const name = 'master key';
  if (!under) {
    return key
      ? fail(name, 'set, and the keys are not under it yet', 'npm run ledger -- rotate-master-key --help')
      : ok(name, 'none: whoever has the key file and the log can read personal data');
  }
  if (key && fingerprintOf(key).equals(under)) return ok(name, 'set, and the keys are under it');
  const found = key ? 'another than the one that the keys are under' : 'not set, and the keys are under one';
  return fail(name, found, 'Set LEDGER_MASTER_KEY to the one that they are under.');
}

/** `states`: of every subject, whether its key is destroyed. `under`: fingerprint of the master key, if there is one. */
type Opened = Readonly<{ states: ReadonlyMap<string, boolean>; under: Buffer | undefined }>;
const nothingIn: Opened = { states: new Map(), under: undefined };

/** What is in the file; or what is wrong with it. */
async function open(file: string): Promise<Opened | Finding> {
  const rights = await rightsFinding(file);
  if (rights) return rights;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
    const { whose, format } = whoseFile(db, KEY_FILE_HEADER);
    if (whose === 'empty') return nothingIn;
    if (whose !== 'ours') return fail('format', `${file} is not a key file of this version`, PUT_BACK);
    const rows = db.prepare('SELECT subject, erased FROM subject_keys').all();
    const states = new Map(rows.map((row) => [row['subject'] as string, row['erased'] === 1]));
    const row = format === 1 ? undefined : db.prepare("SELECT value FROM settings WHERE name = 'master'").get();
    return { states, under: row && Buffer.from(row['value'] as Uint8Array) };
  } catch (error) {
    return fail('format', wordsOf(error), PUT_BACK);
  } finally {
    db?.close();
  }
}

/** Holds the keys against the log: whom it calls registered has one, whom it calls erased has none. */
async function subjectFindings(
  states: ReadonlyMap<string, boolean>,
  log: () => Promise<EventStore | undefined>,
): Promise<readonly Finding[]> {
  const store = await log();
  if (!store) return [];
  const registered = new Set<string>();
  const erased = new Set<string>();
  try {
    for await (const { events } of store.readAll<CustomerEvent>({ types: ['CustomerRegistered', 'CustomerErased'] })) {
      for (const { type, stream } of events) (type === 'CustomerErased' ? erased : registered).add(stream);
    }
  } finally {
    await store.close();
  }
  const withoutKey = [...registered].filter((subject) => !erased.has(subject) && states.get(subject) !== false);
  const stillThere = [...erased].filter((subject) => states.get(subject) === false);
  return [
    withoutKey.length === 0
      ? ok('customers', `${registered.size - erased.size} registered, each with its key`)
      : fail('customers', `${withoutKey.length} without a key: ${someOf(withoutKey)}`, PUT_BACK),
    stillThere.length === 0
      ? ok('erasures', `${erased.size} carried out`)
      : fail(
          'erasures',
          `${stillThere.length} recorded, and their keys still there: ${someOf(stillThere)}`,
          'Start the ledger: it destroys them before its API answers.',
        ),
  ];
}

const someOf = (subjects: readonly string[]): string =>
  subjects.slice(0, 3).join(', ') + (subjects.length > 3 ? ' …' : '');
