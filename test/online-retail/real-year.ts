import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The whole year is not part of the repository; ONLINE_RETAIL says in which folder it lies. */
const data = process.env['ONLINE_RETAIL'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
export const YEAR = join(data, 'online-retail.csv.gz');
export const YEAR_TRUTH = join(data, 'online-retail.truth.json');

/** Says so where it is not. */
export function isYearThere(): boolean {
  const isThere = existsSync(YEAR) && existsSync(YEAR_TRUTH);
  if (!isThere) {
    console.warn(`SKIPPED: the whole year. No ${YEAR}; set ONLINE_RETAIL to the folder that holds it and its truth.`);
  }
  return isThere;
}
