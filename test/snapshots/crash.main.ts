/** Writes snapshots of one stream for ever, until it is killed; see crash.spec.ts. */
import { FileSnapshotStore } from '../../src/infrastructure/snapshots/file-snapshot-store.js';
import { largeSnapshot, LOG } from './large-snapshot.js';

const [folder, first] = process.argv.slice(2) as [string, string];
const store = new FileSnapshotStore({ folder, log: () => Promise.resolve(LOG) });
for (let n = Number(first); ; n += 2) {
  await store.write(largeSnapshot(n));
  process.stdout.write(`written ${n}\n`);
}
