import { existsSync } from 'node:fs';
import type { Config } from '../../src/infrastructure/config/config.js';
import { dataFolderAt } from '../../src/infrastructure/config/data-folder.js';
import { CommandFailed } from './command.js';

/**
 * Refuses to go on where a command that only asks would find no ledger in the data folder. Whether there is one in
 * EventStoreDB is said when it is opened.
 * @throws CommandFailed
 */
export function refuseMissingLedger({ dataFolder, eventStore }: Config): void {
  if (eventStore) return;
  const folder = dataFolderAt(dataFolder);
  if (existsSync(folder.logFile)) return;
  throw new CommandFailed(`There is no ledger in ${folder.path} yet. npm start makes one, and so does an import.`);
}
