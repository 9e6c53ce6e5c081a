import { afterEach, expect } from '@jest/globals';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { MemorySnapshotStore } from '../../src/infrastructure/snapshots/memory-snapshot-store.js';
import { describeStreamWriter } from '../contracts/stream-writer.contract.js';

describeStreamWriter('a stream writer', (store, options) => new StreamWriter(store, options));

/** One store of snapshots for all writers of a log, as the data folder is. */
const shared = new WeakMap<object, MemorySnapshotStore>();
const reports: unknown[] = [];
afterEach(() => expect(reports.splice(0)).toEqual([]));

describeStreamWriter('a stream writer that saves as often as it can, and keeps one state', (store, options) => {
  const snapshots = shared.get(store) ?? new MemorySnapshotStore();
  shared.set(store, snapshots);
  const report = (...problem: unknown[]) => void reports.push(problem);
  return new StreamWriter(store, { maxKeptEvents: 1, ...options, snapshots: { store: snapshots, report, every: 1 } });
});
