import { expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { anyStream, clock, confirmed, temporaryLog } from './log-file.js';
import { LogProcess } from './log-process.js';

const MEGABYTE = 1024 * 1024;

test('the WAL stays bounded while 400 MB are written and three processes read without a pause', async () => {
  const { file, remove } = await temporaryLog();
  const store = await SqliteEventStore.open({ file, clock });
  const readers = [1, 2, 3].map(() => new LogProcess('read-for-ever', [file]));
  try {
    await Promise.all(readers.map((reader) => reader.says(/reading/)));
    const text = 'x'.repeat(100_000);
    let largest = 0;
    for (let round = 0; round < 1_000; round++) {
      await Promise.all([1, 2, 3, 4].map(() => store.append(anyStream(), 'no-stream', [confirmed(text)])));
      largest = Math.max(largest, statSync(`${file}-wal`).size);
    }
    console.log(`largest WAL: ${(largest / MEGABYTE).toFixed(0)} MB`);
    expect(largest).toBeLessThan(200 * MEGABYTE);
  } finally {
    for (const reader of readers) await reader.kill();
  }
  await store.close();
  expect(statSync(file).size).toBeGreaterThan(380 * MEGABYTE);
  await remove();
}, 300_000);
