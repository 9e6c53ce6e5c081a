import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import {
  type Config,
  DEFAULT_DATA_FOLDER,
  type Environment,
  readConfig,
} from '../../src/infrastructure/config/config.js';
import { prepareDataFolder } from '../../src/infrastructure/config/data-folder.js';
import { checkInLog } from '../../src/infrastructure/event-store/check-in.js';
import { listenForInterrupts } from './interrupts.js';
import type { Output } from './output.js';
import type { Runner } from './runner.js';
import type { ChildSpec } from './supervisor/child.js';
import { Supervisor } from './supervisor/supervisor.js';

const PROCESSES: readonly ChildSpec[] = ['api', 'projector'].map((name) => ({
  name,
  module: fileURLToPath(new URL(`../${name}/main.js`, import.meta.url)),
}));

const HELP = `
Starts the API and the projector as two processes, and keeps them running until Ctrl-C.

Settings, from the environment, or from a file .env beside package.json:
  LEDGER_DATA     folder of the log and the views     (${DEFAULT_DATA_FOLDER})
  EVENTSTORE_URL  the log in EventStoreDB, not in the folder: esdb://…
  MONGODB_URL     the views in MongoDB, not in the folder: mongodb://…/DATABASE
  LEDGER_MASTER_KEY
                  what the keys of personal data are wrapped under: 32 bytes in
                  base64, or with _FILE the file that holds them
  NATS_URL        publishes to NATS JetStream, and takes commands: nats://…
  STRIPE_SECRET_KEY
                  payments with Stripe, not with the sandbox; and with it
                  STRIPE_WEBHOOK_SECRET, STRIPE_RETURN_URL, STRIPE_API_URL,
                  STRIPE_MULTICAPTURE: see Payments in the README
  HOST            loopback address to listen on       (127.0.0.1)
  PORT            port to listen on, 0 for any        (3000)
  LOG_LEVEL       silent, fatal, error, warn, info, debug or trace
                                                      (warn)

What it says to a person goes to standard error, in plain words; standard output holds the log lines of the two
processes and nothing else: JSON, one to a line.`;

export function registerStart(program: Command, runner: Runner, env: Environment, output: Output): void {
  program
    .command('start')
    .description('run the ledger: its API and its projector')
    .addHelpText('after', HELP)
    .action(() => runner.guard(() => startLedger(env, output)));
}

/** Runs the ledger until it is asked to stop. Resolves with the exit code. */
async function startLedger(env: Environment, output: Output): Promise<number> {
  const config = readConfig(env);
  const usesFolder = !config.eventStore || !config.mongodb;
  const folder = usesFolder ? await prepareDataFolder(config.dataFolder) : undefined;
  let wasUp = false;
  const supervisor = new Supervisor(PROCESSES, {
    env,
    say: (line) => output.note(line),
    onReady: (urls) => {
      wasUp = true;
      output.note(welcome(urls.get('api') ?? '', enginesOf(config, folder?.path), env));
    },
  });
  const unlisten = listenForInterrupts({
    first: () => {
      output.note('Stopping …');
      supervisor.stop();
    },
    again: () => supervisor.kill(),
  });
  const terminalGone = ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ENOSPC' && code !== 'EDQUOT') supervisor.stop(); // a full disk is no reason to stop
  };
  process.stdout.on('error', terminalGone);
  process.stderr.on('error', terminalGone);
  try {
    const exitCode = await supervisor.run();
    if (wasUp && folder && !config.eventStore && existsSync(folder.logFile)) checkInLog(folder);
    return exitCode;
  } finally {
    unlisten();
  }
}

/** Where the log and the views are: in the folder, or at servers, whose credentials are not shown. */
function enginesOf({ eventStore, mongodb }: Config, folder: string | undefined): string {
  return [
    ...(folder === undefined ? [] : [`  Data     ${folder}`]),
    ...(eventStore ? [`  Log      ${eventStore.shown}`] : []),
    ...(mongodb ? [`  Views    ${mongodb.shown}`] : []),
  ].join('\n');
}

function welcome(url: string, engines: string, env: Environment): string {
  const settings = env['LEDGER_DATA'] ? `LEDGER_DATA=${env['LEDGER_DATA']} ` : '';
  return `
Commerce Ledger is up.
  API      ${url}/v1
  Docs     ${url}/docs
${engines}

Next, in another terminal: import a real month of a real shop
  ${settings}npm run ledger -- import online-retail examples/online-retail-2010-12.csv.gz

Ctrl-C stops it.
`;
}
