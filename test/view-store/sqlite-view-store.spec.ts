import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { describeViewStore } from '../contracts/view-store.contract.js';

describeViewStore('SqliteViewStore', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-views-'));
  return {
    open: (clock) => SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock }),
    remove: () => rm(folder, { recursive: true }),
  };
});
