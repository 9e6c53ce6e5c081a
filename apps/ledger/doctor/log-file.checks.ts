import { DatabaseSync } from 'node:sqlite';
import { missingTriggers, prepareLogFile } from '../../../src/infrastructure/event-store/sqlite-schema.js';
import { megabytes } from '../megabytes.js';
import { fail, type Finding, ok, wordsOf } from './finding.js';
import { integrityFinding, rightsFinding, sizesOf, walFinding } from './sqlite-file.checks.js';

const BACKUP = 'Stop the ledger, keep a copy of the files as they are, and put the newest backup in their place.';

/** The embedded log, but for its lock. Without `deep`, its pages are not read. */
export async function checkLogFile(file: string, deep: boolean): Promise<readonly Finding[]> {
  const sizes = await sizesOf(file);
  if (sizes.file === undefined) return [ok('file', `there is no log at ${file} yet; npm start makes it`)];
  const unusable = (await rightsFinding(file)) ?? (await formatFinding(file));
  if (unusable) return [unusable];
  return [
    ok('file', megabytes(sizes.file)),
    walFinding(sizes.wal ?? 0),
    appendOnlyFinding(file),
    ...(deep ? [integrityFinding(file, BACKUP)] : []),
  ];
}

async function formatFinding(file: string): Promise<Finding | undefined> {
  try {
    await prepareLogFile(file, false, 1_000);
    return undefined;
  } catch (error) {
    const todo =
      'Set LEDGER_DATA to the folder of the ledger, or put its log.sqlite back, with its -wal if there is one.';
    return fail('format', wordsOf(error), todo);
  }
}

function appendOnlyFinding(file: string): Finding {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const missing = missingTriggers(database);
    if (missing.length === 0) return ok('append-only', 'every trigger that refuses changes is there');
    const found = `missing or changed: ${missing.join(', ')}`;
    return fail('append-only', found, `Somebody has made the log changeable, and may have changed it. ${BACKUP}`);
  } finally {
    database.close();
  }
}
