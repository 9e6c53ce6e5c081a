import { readdirSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { outputTo } from '../../apps/ledger/output.js';
import { ledger } from '../../apps/ledger/program.js';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { openEventStore } from '../../src/infrastructure/engines.js';
import { confirmed } from '../event-store/log-file.js';
import { EventStoreDbTestServer } from '../eventstoredb-server/server.js';
import { temporaryFolders } from '../temporary-folders.js';
import { catalogView } from '../../src/projections/catalog.view.js';

const temporaryFolder = temporaryFolders();
let server: EventStoreDbTestServer;
let env: { LEDGER_DATA: string; EVENTSTORE_URL: string };
beforeEach(async () => {
  server = await new EventStoreDbTestServer().start();
  env = { LEDGER_DATA: temporaryFolder(), EVENTSTORE_URL: server.url() };
});
afterEach(() => server.stop());

async function run(...args: string[]) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const exitCode = await ledger(args, env, outputTo(out, err as unknown as NodeJS.WriteStream), 'test');
  out.end();
  err.end();
  return { exitCode, out: await text(out), err: await text(err) };
}

test.each([['status'], ['rebuild', '--all'], ['verify', 'online-retail', 'package.json']])(
  'where no ledger was made there yet, %s says so, and makes none',
  async (...args) => {
    const { exitCode, err } = await run(...args.filter((arg) => arg !== undefined));
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: 'No ledger has been made in this EventStoreDB yet\n' });
    expect(server.log.events).toEqual([]);
    expect(readdirSync(env.LEDGER_DATA)).toEqual([]);
  },
);

test('status names the server and no file, and counts the events that a view is behind, not positions', async () => {
  const log = await openEventStore(readConfig(env), 'read-write');
  for (const id of ['a', 'b', 'c']) await log.append(`order-${id}`, 'no-stream', [confirmed(id)]);
  const head = await log.head();
  await log.close();
  const { exitCode, out } = await run('status');
  expect(exitCode).toBe(0);
  expect(out).toContain(`Log    ${server.url()}, head at position ${head}\n`);
  expect(out).toMatch(new RegExp(`^catalog +${catalogView.version} +- +3 events, \\d+ s +nobody$`, 'm'));
  expect((await run('rebuild', 'catalog')).exitCode).toBe(0);
  expect((await run('status')).out).toMatch(
    new RegExp(`^catalog +${catalogView.version} +${head} +up to date +nobody$`, 'm'),
  );
});
