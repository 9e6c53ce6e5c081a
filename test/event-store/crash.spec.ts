import { expect, test } from '@jest/globals';
import { crashUntil } from './crash.js';
import { temporaryLog } from './log-file.js';

/** A few kills in every run of the tests; many more in crash.long.ts. */
test('processes that are killed while they append lose nothing they had acknowledged', async () => {
  const { file, remove } = await temporaryLog();
  const seed = Date.now() % 2 ** 31;
  const report = await crashUntil(file, { kills: 5, writers: 2, seed });
  console.log(`seed ${seed}: ${JSON.stringify(report)}`);
  expect(report.acknowledged).toBeGreaterThan(0);
  await remove();
}, 60_000);
