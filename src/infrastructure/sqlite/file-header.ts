import type { DatabaseSync } from 'node:sqlite';

/** What a file's header says of its maker: `application_id` and `user_version` (sqlite.org/fileformat2.html). */
export type FileHeader = Readonly<{ application: number; format: number }>;

/** `empty`: there is nothing in it yet. `newer`: ours, but of a format that this build does not know. */
export type Whose = 'empty' | 'ours' | 'foreign' | 'newer';

/** Whose file it is, by the `header` that ours have; and its own format. @throws an error of node:sqlite */
export function whoseFile(db: DatabaseSync, header: FileHeader): Readonly<{ whose: Whose; format: number }> {
  const found = db
    .prepare(
      `SELECT application_id AS application, user_version AS format, (SELECT count(*) FROM sqlite_schema) AS objects
       FROM pragma_application_id, pragma_user_version`,
    )
    .get() as FileHeader & Readonly<{ objects: number }>;
  const isEmpty = found.application === 0 && found.format === 0 && found.objects === 0;
  return { whose: isEmpty ? 'empty' : compared(found, header), format: found.format };
}

export function compared(found: FileHeader, { application, format }: FileHeader): Exclude<Whose, 'empty'> {
  if (found.application !== application) return 'foreign';
  return found.format > format ? 'newer' : 'ours';
}
