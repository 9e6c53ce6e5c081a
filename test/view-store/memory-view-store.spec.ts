import { MemoryViewStore, MemoryViews } from '../../src/infrastructure/view-store/memory-view-store.js';
import { describeViewStore } from '../contracts/view-store.contract.js';

describeViewStore('MemoryViewStore', () => {
  const views = new MemoryViews();
  return Promise.resolve({
    open: (clock) => Promise.resolve(new MemoryViewStore(clock, views)),
    remove: () => Promise.resolve(),
  });
});
