import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Environment } from '../../src/infrastructure/config/config.js';
import { dataFolderAt } from '../../src/infrastructure/config/data-folder.js';
import { masterKeySetting, readMasterKey } from '../../src/infrastructure/config/master-key-setting.js';
import { keyStoreOf } from '../../src/infrastructure/engines.js';
import { type CommandEnvironment, CommandFailed, type RunCommand } from './command.js';

const NEW = 'LEDGER_NEW_MASTER_KEY';
const HELP = `
The keys of personal data are put from under LEDGER_MASTER_KEY, or from under none, to under ${NEW}, in one
transaction: it is done for all of them or for none. A running ledger gets at no key from then on, until it is started
again with the new one as LEDGER_MASTER_KEY. Each of them can be in a file instead, which the variable with _FILE names.

  export ${NEW}_FILE=/run/secrets/ledger-master-key   (openssl rand -base64 32)

Keep the old one for as long as there is a backup of the key file from before.`;

export function registerRotateMasterKey(program: Command, run: RunCommand, env: Environment): void {
  program
    .command('rotate-master-key')
    .description('put the keys of personal data under a new master key, or under a first one')
    .addHelpText('after', HELP)
    .action(() => run((environment) => rotateMasterKey(env, environment)));
}

async function rotateMasterKey(env: Environment, { config, output }: CommandEnvironment): Promise<void> {
  const setting = masterKeySetting(env, NEW);
  if (!setting) throw new CommandFailed(`Set ${NEW} or ${NEW}_FILE. --help says how.`, 2);
  if ('message' in setting) throw new CommandFailed(`${setting.setting} ${setting.message}`, 2);
  const to = readMasterKey(setting);
  const { keysFile } = dataFolderAt(config.dataFolder);
  if (!existsSync(keysFile)) {
    throw new CommandFailed(
      `There is no ${keysFile}: start the ledger with the new key as LEDGER_MASTER_KEY, that is all.`,
    );
  }
  const keys = keyStoreOf(config);
  try {
    const count = await keys.rewrap(to);
    output.line(`${count} keys are under the new master key. Start the ledger with it as LEDGER_MASTER_KEY.`);
  } finally {
    await keys.close();
  }
}
