import { existsSync } from 'node:fs';
import type { Config } from '../../src/infrastructure/config/config.js';
import { dataFolderAt, type DataFolder } from '../../src/infrastructure/config/data-folder.js';
import { CommandFailed } from './command.js';

/**
 * The data folder of a ledger that a command only asks.
 * @throws CommandFailed there is none in it
 */
export function existingLedger({ dataFolder }: Config): DataFolder {
  const folder = dataFolderAt(dataFolder);
  if (existsSync(folder.logFile)) return folder;
  throw new CommandFailed(`There is no ledger in ${folder.path} yet. npm start makes one, and so does an import.`);
}
