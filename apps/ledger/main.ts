import { readFileSync } from 'node:fs';
import { ledger } from './program.js';
import { outputTo } from './output.js';

// Whoever reads has read enough (`ledger … | head`): nothing to complain about.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

process.exitCode = await ledger(process.argv.slice(2), process.env, outputTo(process.stdout, process.stderr), version);
