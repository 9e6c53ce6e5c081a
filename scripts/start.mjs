/** `npm start`: builds when needed, then `ledger start` in this same process, so that signals reach it directly. */
import './check-node.mjs';
import './load-env.mjs';
import { ensureBuilt, explain } from './build.mjs';

await ensureBuilt((line) => process.stderr.write(`${line}\n`)).catch(explain);
process.argv.splice(2, 0, 'start');
await import('../dist/apps/ledger/main.js');
