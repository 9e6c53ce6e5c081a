/** What the processes do that tests start (see LogProcess). One role each, named by the first argument. */
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { v5 as uuidv5 } from 'uuid';
import { ConcurrencyConflict } from '../../src/application/ports/event-store.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { seeded } from './crash.js';
import { anyStream, clock, confirmed, streamOf } from './log-file.js';

const [role, file, ...args] = process.argv.slice(2) as [string, string, ...string[]];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const roles: Readonly<Record<string, () => Promise<void>>> = {
  /** `append FILE COUNT`: one event after the other; says each id and when it was acknowledged. */
  async append() {
    const store = await SqliteEventStore.open({ file, clock });
    for (let n = 0; n < Number(args[0]); n++) {
      const event = confirmed(`${n}`);
      await store.append(anyStream(), 'no-stream', [event]);
      say(`${event.id} ${Date.now()}`);
      await delay(Math.random() * 4);
    }
    await store.close();
  },

  /**
   * `append-for-ever FILE NAME SEED [INTENT…]`: batches to streams of its own and to one it shares, many at once.
   * Says what it intends before every append, and what came of it after: `written`, `repeated`, `lost`.
   * First repeats the intents it was given, as they were said.
   */
  async 'append-for-ever'() {
    const [name, seed, ...intents] = args as [string, string, ...string[]];
    const random = seeded(Number(seed));
    const store = await SqliteEventStore.open({ file, clock, busyTimeoutMs: 30_000 });
    const append = async (intent: string): Promise<void> => {
      const [batch, stream, expected, size] = intent.split(' ') as [string, string, string, string];
      const events = Array.from({ length: Number(size) }, (_, index) =>
        confirmed(`${batch}/${index}/${size}`, uuidv5(`${batch}/${index}`, uuidv5.URL)),
      );
      try {
        const { repeated } = await store.append(stream, expected === 'no-stream' ? expected : BigInt(expected), events);
        say(`${repeated ? 'repeated' : 'written'} ${batch} ${stream} ${size}`);
      } catch (cause) {
        if (!(cause instanceof ConcurrencyConflict)) throw cause;
        say(`lost ${batch}`);
      }
    };
    await Promise.all(intents.map(append));
    let batches = 0;
    const appendOn = async (stream: string): Promise<never> => {
      for (;;) {
        let head: bigint | 'no-stream' = 'no-stream';
        for await (const [newest] of store.readStream(stream, { direction: 'backward', limit: 1 })) {
          head = newest?.revision ?? head;
        }
        const size = random() < 0.02 ? 300 : 1 + Math.floor(random() * 5);
        const intent = `${name}.${process.pid}.${++batches} ${stream} ${head} ${size}`;
        say(`intends ${intent}`);
        await append(intent);
      }
    };
    await Promise.all([...Array.from({ length: 8 }, (_, n) => `order-${name}.${n}`), 'order-shared'].map(appendOn));
  },

  /** `read-for-ever FILE`: the whole log, again and again. */
  async 'read-for-ever'() {
    const store = await SqliteEventStore.open({ file, clock, readOnly: true });
    say('reading');
    for (;;) {
      let events = 0;
      for await (const batch of store.readAll()) events += batch.events.length;
      if (events === 0) await delay(1);
    }
  },

  /** `fill-disk FILE`: on a disk of its own; half of it is taken by something that can be removed. */
  async 'fill-disk'() {
    const filler = join(dirname(file), 'filler');
    writeFileSync(filler, Buffer.alloc(1_500_000));
    const store = await SqliteEventStore.open({ file, clock });
    const acknowledged: string[] = [];
    const appendSome = async (): Promise<string | undefined> => {
      for (let n = 0; n < 200; n++) {
        const event = confirmed(`${n} ${'x'.repeat(5_000)}`, randomUUID());
        const expected = acknowledged.length === 0 ? 'no-stream' : BigInt(acknowledged.length - 1);
        try {
          await store.append('order-1', expected, [event]);
        } catch (cause) {
          return (cause as Error).name;
        }
        acknowledged.push(event.id);
        if (!existsSync(filler) && n > 20) return undefined;
      }
      return 'never full';
    };
    const isIntact = async (): Promise<boolean> => {
      const ids = (await streamOf(store, 'order-1')).map(({ id }) => id);
      return ids.join() === acknowledged.join() && acknowledged.length > 0;
    };
    say(`full ${await appendSome()}`);
    say(`intact ${await isIntact()}`);
    rmSync(filler);
    say(`again ${(await appendSome()) === undefined}`);
    say(`intact ${await isIntact()}`);
    await store.close();
  },
};

await roles[role]?.();
