import { Option } from 'commander';
import type { RegisterCommands } from '../command.js';
import { importFile, type ImportArguments } from './import/import.command.js';
import { verifyFile, type VerifyArguments } from './verify/verify.command.js';

/** `import online-retail` and `verify online-retail`. */
export const registerOnlineRetail: RegisterCommands = (groups, run) => {
  groups.import
    .command('online-retail <file>')
    .description('import a year of the UCI "Online Retail" data: CSV, plain or gzip; safe to run again')
    .option('--time-zone <zone>', 'whose wall clock the times in the file are', 'Europe/London')
    .option('--report <file>', 'write every row and command that was refused to this file, one JSON object per line')
    .addOption(
      new Option(
        '--opening-stock <what>',
        'for a file whose invoices are in the ledger from another file: receive the opening stock it needs, or skip it',
      ).choices(['receive', 'skip']),
    )
    .option('--json', 'print the summary as JSON')
    .action((file: string, options: ImportArguments) => run((environment) => importFile(file, options, environment)));
  groups.verify
    .command('online-retail <truth>')
    .description('compare the read models with independently computed figures, figure by figure')
    .option('--json', 'print every comparison as JSON')
    .action((file: string, options: VerifyArguments) => run((environment) => verifyFile(file, options, environment)));
};
