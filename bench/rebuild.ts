/**
 * How fast each view is made anew from a log: `npm run bench:rebuild -- DATA_FOLDER [--turns 3] [--view NAME]`.
 *
 * DATA_FOLDER is a ledger's, with an imported log; it is only read. The views go to a folder of their own, and each turn
 * begins with none. "Log events" are all events that the rebuild passes over, "folded" those of the types that the view
 * asks for. Rows tell the median turn.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/infrastructure/clock.js';
import { SqliteEventStore } from '../src/infrastructure/event-store/sqlite-event-store.js';
import { newHolder } from '../src/infrastructure/follower/follower.js';
import { rebuild } from '../src/infrastructure/follower/rebuild.js';
import { SqliteViewStore } from '../src/infrastructure/view-store/sqlite-view-store.js';
import { projections } from '../src/projections/index.js';
import type { Projection } from '../src/projections/projection.js';
import { machine } from './lib/machine.js';

type Turn = Readonly<{ seconds: number; cpuSeconds: number; covered: number; folded: number; documents: number }>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { turns: { type: 'string', default: '3' }, view: { type: 'string' } },
});
const [dataFolder] = positionals;
if (dataFolder === undefined) throw new Error('Usage: npm run bench:rebuild -- DATA_FOLDER [--turns 3] [--view NAME]');

const folder = mkdtempSync(join(process.env['BENCH_FOLDER'] ?? process.cwd(), '.bench-rebuild-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const log = await SqliteEventStore.open({
  file: join(dataFolder, 'log.sqlite'),
  clock: systemClock,
  readOnly: true,
});

console.log(machine(folder));
console.log(`${await log.head()} events in the log; ${values.turns} turns each\n`);
console.log('view              | log events/s | folded/s |  folded | documents | seconds | of them on the processor');
for (const projection of projections) {
  if (values.view !== undefined && projection.name !== values.view) continue;
  const turns: Turn[] = [];
  for (let turn = 0; turn < Number(values.turns); turn++) turns.push(await measured(projection));
  console.log(row(projection.name, turns));
}
console.log(`\nmost memory at any time: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
await log.close();

async function measured(projection: Projection): Promise<Turn> {
  const file = join(folder, 'views.sqlite');
  const views = await SqliteViewStore.open({ file, clock: systemClock });
  const before = process.cpuUsage();
  const { position, events, documents, elapsedMs } = await rebuild({ projection, log, views, holder: newHolder() });
  const { user, system } = process.cpuUsage(before);
  await views.close();
  rmSync(file);
  const cpuSeconds = (user + system) / 1e6;
  return { seconds: elapsedMs / 1e3, cpuSeconds, covered: Number(position), folded: events, documents };
}

function row(name: string, turns: readonly Turn[]): string {
  const sorted = turns.toSorted((a, b) => a.seconds - b.seconds);
  const turn = sorted[Math.floor(sorted.length / 2)];
  if (!turn) return name;
  const { seconds, cpuSeconds, covered, folded, documents } = turn;
  return [
    name.padEnd(17),
    Math.round(covered / seconds)
      .toLocaleString('en')
      .padStart(12),
    Math.round(folded / seconds)
      .toLocaleString('en')
      .padStart(8),
    folded.toLocaleString('en').padStart(7),
    documents.toLocaleString('en').padStart(9),
    seconds.toFixed(2).padStart(7),
    cpuSeconds.toFixed(2),
  ].join(' | ');
}
