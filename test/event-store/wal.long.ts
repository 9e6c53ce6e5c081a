import { expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { anyStream, clock, confirmed, temporaryLog } from './log-file.js';
import { LogProcess } from './log-process.js';

const MEGABYTE = 1024 * 1024;

test.each([
  ['small', 1_000, 4, 100_000],
  ['large', 50, 10, 800_000],
])(
  'the WAL stays bounded while 400 MB are written in %s groups and three processes read without a pause',
  async (_, rounds, appends, characters) => {
    const { file, remove } = await temporaryLog();
    const store = await SqliteEventStore.open({ file, clock });
    const readers = [1, 2, 3].map(() => new LogProcess('read-for-ever', [file]));
    try {
      await Promise.all(readers.map((reader) => reader.says(/reading/)));
      const text = 'x'.repeat(characters);
      let largest = 0;
      for (let round = 0; round < rounds; round++) {
        const group = Array.from({ length: appends }, () => store.append(anyStream(), 'no-stream', [confirmed(text)]));
        await Promise.all(group);
        largest = Math.max(largest, statSync(`${file}-wal`).size);
      }
      console.log(`largest WAL: ${(largest / MEGABYTE).toFixed(0)} MB`);
      expect(largest).toBeLessThan(128 * MEGABYTE); // 64, a group, and what comes while the machine is too busy
    } finally {
      for (const reader of readers) await reader.kill();
    }
    await store.close();
    expect(statSync(file).size).toBeGreaterThan(380 * MEGABYTE);
    await remove();
  },
  300_000,
);
