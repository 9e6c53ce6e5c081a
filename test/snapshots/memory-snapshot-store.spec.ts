import { MemorySnapshotStore } from '../../src/infrastructure/snapshots/memory-snapshot-store.js';
import { describeSnapshotStore } from '../contracts/snapshot-store.contract.js';

describeSnapshotStore('snapshots in memory', () => new MemorySnapshotStore());
