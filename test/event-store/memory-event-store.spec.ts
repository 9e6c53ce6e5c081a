import { MemoryEventStore, MemoryLog } from '../../src/infrastructure/event-store/memory-event-store.js';
import { describeEventStore } from '../contracts/event-store.contract.js';

describeEventStore('memory', () => {
  const log = new MemoryLog();
  return Promise.resolve({
    open: (options) => Promise.resolve(new MemoryEventStore({ ...options, log })),
    openEmpty: () => Promise.resolve(new MemoryEventStore()),
    stop: () => Promise.resolve(),
  });
});
