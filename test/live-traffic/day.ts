import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { HEADER } from '../online-retail/shop.js';
import { YEAR } from '../online-retail/real-year.js';

/** A file of all rows of one day of the real year. Descriptions hold no line ends, so a line is a row. */
export async function fileOfDay(day: string, folder: string): Promise<string> {
  const rows: string[] = [];
  for await (const line of createInterface({ input: createReadStream(YEAR).pipe(createGunzip()) })) {
    if (line.includes(`,${day}T`)) rows.push(line);
  }
  if (rows.length === 0) throw new Error(`The year has no rows of ${day}`);
  const path = join(folder, `${day}.csv`);
  writeFileSync(path, `${[HEADER, ...rows].join('\n')}\n`);
  return path;
}
