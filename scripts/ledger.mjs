/** `npm run ledger -- …`: the `ledger` command line, built when needed. Says nothing of its own when all is well. */
import './check-node.mjs';
import './load-env.mjs';
import { ensureBuilt, explain } from './build.mjs';

await ensureBuilt((line) => process.stderr.write(`${line}\n`)).catch(explain);
await import('../dist/apps/ledger/main.js');
