import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { clock } from './log-file.js';
import { LogProcess } from './log-process.js';

/** One append of several events: its name, and how many they are. Every event carries `name/index/size` as its text. */
type Batch = Readonly<{ stream: string; name: string; size: number }>;

export type CrashReport = Readonly<{ kills: number; acknowledged: number; repeated: number; stored: number }>;

/**
 * Kills processes that append to one log, at random moments, and starts them again; each begins by repeating what the
 * one before had not heard back about. At every `inspectEvery` kills, and in the end, the whole log is held against
 * what was acknowledged.
 */
export async function crashUntil(
  file: string,
  {
    kills,
    writers,
    seed,
    inspectEvery = kills,
  }: { kills: number; writers: number; seed: number; inspectEvery?: number },
): Promise<CrashReport> {
  const random = seeded(seed);
  const acknowledged = new Map<string, Batch>();
  let repeated = 0;
  let unanswered = Array.from({ length: writers }, (): readonly string[] => []);
  const start = (n: number): LogProcess =>
    new LogProcess('append-for-ever', [
      file,
      `w${n}`,
      String(Math.floor(random() * 2 ** 31)),
      ...(unanswered[n] ?? []),
    ]);
  const stop = async (n: number, child: LogProcess): Promise<void> => {
    await child.kill();
    const intents = new Map<string, string>();
    for (const line of child.lines) {
      const [verb, name = '', stream = '', size] = line.split(' ');
      if (verb === 'intends') intents.set(name, line.slice('intends '.length));
      else intents.delete(name);
      if (verb === 'written' || verb === 'repeated') acknowledged.set(name, { stream, name, size: Number(size) });
      if (verb === 'repeated') repeated++;
    }
    unanswered = unanswered.with(n, [...intents.values()]);
  };

  const children = Array.from({ length: writers }, (_, n) => start(n));
  let killed = 0;
  try {
    while (killed < kills) {
      await Promise.all(children.map((child) => child.says(/^(written|repeated)/)));
      await delay(random() * 60);
      // Mostly one; sometimes all, as when the machine goes down: the next one to open the log has to recover it.
      const all = random() < 0.3;
      const victims = [...children.keys()].filter((n) => all || n === killed % writers);
      await Promise.all(victims.map((n) => stop(n, children[n] as LogProcess)));
      const inspected = Math.floor(killed / inspectEvery);
      killed += victims.length;
      if (Math.floor(killed / inspectEvery) > inspected) await inspect(file, acknowledged);
      for (const n of victims) children[n] = start(n);
    }
    await Promise.all(children.map((child, n) => stop(n, child)));
  } finally {
    for (const child of children) child.destroy();
  }
  return { kills: killed, acknowledged: acknowledged.size, repeated, stored: await inspect(file, acknowledged) };
}

/** @returns how many events the log holds @throws what was promised and is not so */
async function inspect(file: string, acknowledged: ReadonlyMap<string, Batch>): Promise<number> {
  const store = await SqliteEventStore.open({ file, clock });
  const heads = new Map<string, bigint>();
  const found = new Map<string, Batch>();
  let position = 0n;
  let open: { name: string; stream: string; index: number; size: number } | undefined;
  let stored = 0;
  for await (const { events } of store.readAll<{ type: string; data: { orderId: string } }>()) {
    for (const { data, stream, revision, position: at } of events) {
      const [name, index, size] = data.orderId.split('/') as [string, string, string];
      const where = `${stream} at revision ${revision}`;
      if (at !== position + 1n) throw new Error(`Position ${at} follows ${position}`);
      if (revision !== (heads.get(stream) ?? -1n) + 1n) throw new Error(`${where} follows ${heads.get(stream)}`);
      if (open && (open.name !== name || open.stream !== stream)) throw new Error(`${open.name} is half written`);
      if (Number(index) !== (open ? open.index + 1 : 0)) throw new Error(`${where} is event ${index} of ${name}`);
      if (found.has(name)) throw new Error(`${name} is there twice`);
      open = { name, stream, index: Number(index), size: Number(size) };
      if (open.index === open.size - 1) {
        found.set(name, { name, stream, size: open.size });
        open = undefined;
      }
      heads.set(stream, revision);
      position = at;
      stored++;
    }
  }
  await store.close();
  if (open) throw new Error(`${open.name} is half written`);
  for (const { name, stream, size } of acknowledged.values()) {
    const batch = found.get(name);
    if (batch?.stream !== stream || batch.size !== size) throw new Error(`${name} was acknowledged and is not there`);
  }
  const database = new DatabaseSync(file);
  const integrity = database.prepare('PRAGMA integrity_check').get() as { integrity_check: string };
  database.close();
  if (integrity.integrity_check !== 'ok') throw new Error(`Integrity check: ${integrity.integrity_check}`);
  return stored;
}

/** Mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
