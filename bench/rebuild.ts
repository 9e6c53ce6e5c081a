/**
 * How fast each view is made anew from a log:
 *
 *   npm run bench:rebuild -- DATA_FOLDER [--turns 3] [--view NAME] [--mongodb]
 *
 * DATA_FOLDER is a ledger's, with an imported log; it is only read. The views go to a folder of their own, and, with
 * --mongodb, to MongoDB in turn with it (bench/lib/engines.ts); each turn begins with none. "Log events" are all events that the rebuild passes over, "folded" those of the types that the view
 * asks for. Rows tell the median turn.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ViewStore } from '../src/application/ports/view-store.js';
import { systemClock } from '../src/infrastructure/clock.js';
import { readConfig } from '../src/infrastructure/config/config.js';
import { openViewStore } from '../src/infrastructure/engines.js';
import { SqliteEventStore } from '../src/infrastructure/event-store/sqlite-event-store.js';
import { newHolder } from '../src/infrastructure/follower/follower.js';
import { rebuild } from '../src/infrastructure/follower/rebuild.js';
import { SqliteViewStore } from '../src/infrastructure/view-store/sqlite-view-store.js';
import { projections } from '../src/projections/index.js';
import type { Projection } from '../src/projections/projection.js';
import { startEngines } from './lib/engines.js';
import { machine } from './lib/machine.js';

type Turn = Readonly<{ seconds: number; cpuSeconds: number; covered: number; folded: number; documents: number }>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { turns: { type: 'string', default: '3' }, view: { type: 'string' }, mongodb: { type: 'boolean' } },
});
const [dataFolder] = positionals;
if (dataFolder === undefined) {
  throw new Error('Usage: npm run bench:rebuild -- DATA_FOLDER [--turns 3] [--view NAME] [--mongodb]');
}
const { settings, words, stop } = await startEngines({ mongodb: values.mongodb });

const folder = mkdtempSync(join(process.env['BENCH_FOLDER'] ?? process.cwd(), '.bench-rebuild-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const log = await SqliteEventStore.open({
  file: join(dataFolder, 'log.sqlite'),
  clock: systemClock,
  readOnly: true,
});

/** Where views go; the file is one that each turn removes. */
const engines: Readonly<Record<string, () => Promise<ViewStore>>> = {
  sqlite: () => SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock: systemClock }),
  ...(values.mongodb && { mongodb: () => openViewStore(readConfig({ ...process.env, ...settings }), 'read-write') }),
};

console.log(machine(folder));
console.log(`${await log.head()} events in the log; ${words}; ${values.turns} turns each, in turn\n`);
console.log(
  'view               engine  | log events/s | folded/s |  folded | documents | seconds | of them on the processor',
);
for (const projection of projections) {
  if (values.view !== undefined && projection.name !== values.view) continue;
  const turns = Object.fromEntries(Object.keys(engines).map((engine) => [engine, [] as Turn[]]));
  for (let turn = 0; turn < Number(values.turns); turn++) {
    for (const [engine, open] of Object.entries(engines)) turns[engine]?.push(await measured(projection, open));
  }
  for (const [engine, each] of Object.entries(turns)) console.log(row(projection.name, engine, each));
}
console.log(`\nmost memory at any time: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
await log.close();
await stop();

async function measured(projection: Projection, open: () => Promise<ViewStore>): Promise<Turn> {
  const views = await open();
  const before = process.cpuUsage();
  const { position, events, documents, elapsedMs } = await rebuild({ projection, log, views, holder: newHolder() });
  const { user, system } = process.cpuUsage(before);
  await views.drop(projection.name, projection.version);
  await views.close();
  rmSync(join(folder, 'views.sqlite'), { force: true });
  const cpuSeconds = (user + system) / 1e6;
  return { seconds: elapsedMs / 1e3, cpuSeconds, covered: Number(position), folded: events, documents };
}

function row(name: string, engine: string, turns: readonly Turn[]): string {
  const sorted = turns.toSorted((a, b) => a.seconds - b.seconds);
  const turn = sorted[Math.floor(sorted.length / 2)];
  if (!turn) return name;
  const { seconds, cpuSeconds, covered, folded, documents } = turn;
  return [
    `${name.padEnd(18)} ${engine.padEnd(7)}`,
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
