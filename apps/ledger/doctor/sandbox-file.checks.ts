import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { SANDBOX_FILE_HEADER } from '../../../src/infrastructure/payments/sandbox/sandbox-file.js';
import { whoseFile } from '../../../src/infrastructure/sqlite/file-header.js';
import { megabytes } from '../megabytes.js';
import { fail, type Finding, ok, wordsOf } from './finding.js';
import { rightsFinding, sizesOf } from './sqlite-file.checks.js';

const PUT_BACK =
  'Put the file back, or move it away: the sandbox begins anew, and knows nothing of what it did before.';

/** What the sandbox bank keeps; nothing where there is none yet. Writes nothing. */
export async function checkSandboxFile(file: string): Promise<readonly Finding[]> {
  const { file: bytes, wal } = await sizesOf(file);
  if (bytes === undefined) return [];
  const rights = await rightsFinding(file);
  if (rights) return [rights];
  let db: DatabaseSync | undefined;
  try {
    // Without a WAL nobody has it open, and reading it as if it never changed lays nothing beside it.
    const url = pathToFileURL(file);
    if (wal === undefined) url.searchParams.set('immutable', '1');
    db = new DatabaseSync(url, { readOnly: true, timeout: 1_000 });
    const { whose, format } = whoseFile(db, SANDBOX_FILE_HEADER);
    if (whose !== 'ours') return [fail('format', `${file} is not a sandbox of this version`, PUT_BACK)];
    return [ok('file', `${megabytes(bytes)}, no money moves`), ...(format < 2 ? [] : [outboxFinding(db)])];
  } catch (error) {
    return [fail('format', wordsOf(error), PUT_BACK)];
  } finally {
    db?.close();
  }
}

function outboxFinding(db: DatabaseSync): Finding {
  const row = db.prepare(
    'SELECT count(*) AS n, (SELECT count(*) FROM intents) AS intents FROM notices, delivery WHERE number > told',
  );
  const { n, intents } = row.get() as { n: number; intents: number };
  const waiting = n === 0 ? 'all that it has to tell is received' : `${n} to be told when a projector asks`;
  return ok('bank', `${intents} authorizations; ${waiting}`);
}
