/** The `ledger` command line from source, as a process that a test can kill. */
import { outputTo } from '../../apps/ledger/output.js';
import { ledger } from '../../apps/ledger/program.js';

process.exitCode = await ledger(process.argv.slice(2), process.env, outputTo(process.stdout, process.stderr), 'test');
