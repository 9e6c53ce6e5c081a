import { expect, test } from '@jest/globals';
import { crashUntil } from './crash.js';
import { temporaryLog } from './log-file.js';

/**
 * SIGKILL takes a process away between any two instructions; what the operating system has been given survives it.
 * So this shows that nothing is acknowledged before it is committed, and nothing half written is ever seen. That a
 * commit survives a power cut is `synchronous=FULL` and the disk's word.
 */
test('three processes, killed a hundred times while they append, lose nothing they had acknowledged', async () => {
  const { file, remove } = await temporaryLog();
  const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 2 ** 31);
  console.log(`CRASH_SEED=${seed}`);
  const report = await crashUntil(file, { kills: 100, writers: 3, seed, inspectEvery: 20 });
  console.log(JSON.stringify(report));
  expect(report.acknowledged).toBeGreaterThan(1_000);
  expect(report.repeated).toBeGreaterThan(0);
  await remove();
}, 600_000);
