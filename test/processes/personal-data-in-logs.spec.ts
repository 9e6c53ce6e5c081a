/** Whatever is asked, refused or broken: no line that the ledger writes about itself says who somebody is. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { temporaryFolders } from '../temporary-folders.js';
import { LedgerProcess } from './ledger-process.js';

const newFolder = temporaryFolders();
const PLANTED = /planted/i;
const ADA = {
  name: 'Ada Planted',
  email: 'ada@planted.example',
  phone: '+44 1904 planted',
  addresses: [{ line1: '12 Planted Lane', city: 'Plantedham', country: 'Plantedland' }],
};

let folder: string;
let api: LedgerProcess;
let projector: LedgerProcess;
beforeEach(async () => {
  folder = newFolder();
  const settings = { LEDGER_DATA: folder, LOG_LEVEL: 'trace' };
  [api, projector] = await Promise.all([
    LedgerProcess.start('api', settings),
    LedgerProcess.start('projector', settings),
  ]);
}, 60_000);
afterEach(() => Promise.all([api, projector].map((process) => process.kill())));

let asked = 0;
async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      ...(method === 'POST' && { 'idempotency-key': `key-${asked++}`, 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: payload }),
  });
  const text = await answer.text();
  return { status: answer.status, text };
}

test('not at the most talkative level, from registration to erasure, nor when requests are bad or keys are lost', async () => {
  expect((await send('POST', '/v1/customers', { customerId: 'cus_1', ...ADA })).status).toBe(201);
  expect((await send('POST', '/v1/customers', { customerId: 'cus_2', ...ADA })).status).toBe(201);
  expect((await send('POST', '/v1/customers/cus_1/change', { name: 'Planted Otherwise' })).status).toBe(200);
  const changed = await send('POST', '/v1/customers/cus_2/change', { segment: 'wholesale' });
  const position = (JSON.parse(changed.text) as { position: string }).position;
  const read = await send('GET', `/v1/customers/cus_1?minPosition=${position}`, undefined, { prefer: 'wait=20' });
  expect(read.text).toContain('Planted Otherwise');
  expect((await send('GET', '/v1/customers?limit=5')).text).toMatch(PLANTED);
  expect((await send('POST', '/v1/customers/find-by-email', { email: ADA.email })).text).toMatch(PLANTED);

  // What clients get wrong.
  const bad = [
    await send('POST', '/v1/customers', { customerId: 'cus_3', ...ADA, email: 'planted, no address' }),
    await send('POST', '/v1/customers', { customerId: ADA.email, ...ADA }),
    await send('POST', '/v1/customers', { ...ADA, planted: 'planted' }),
    await send('POST', '/v1/customers', `{"name": "Ada Planted", "email": "ada@planted.example"`),
    await send('POST', '/v1/customers', 'name=Ada+Planted', { 'content-type': 'application/x-www-form-urlencoded' }),
    await send('POST', '/v1/customers', JSON.stringify({ name: 'planted'.repeat(300_000) })),
    await send('GET', `/v1/customers?email=${ADA.email}`),
    await send('GET', `/v1/customers/${ADA.email}`),
    await send('GET', `/v1/nowhere/${ADA.email}?name=planted`),
    await send('POST', `/v1/customers/find-by-email?email=${ADA.email}`, { email: ADA.email }),
    await send('GET', '/v1/customers/cus_1', undefined, { prefer: 'planted', 'x-correlation-id': 'Ada Planted' }),
  ];
  expect(bad.slice(0, -2).every(({ status }) => status >= 400 && status < 500)).toBe(true);

  // The same id with other content, an erasure, and what comes after it.
  await send('POST', '/v1/customers', { customerId: 'cus_1', ...ADA });
  expect((await send('POST', '/v1/customers/cus_1/erase', { reason: 'objection' })).status).toBe(200);
  expect((await send('POST', '/v1/customers/cus_1/change', ADA)).status).toBe(409);

  // Keys that are gone, and then no key file at all: the API says that something is wrong, and not with whom.
  writeFileSync(
    join(folder, 'keys.sqlite'),
    'no database, and long enough to be none, whichever way it is read '.repeat(99),
  );
  const broken = [await send('GET', '/v1/customers/cus_2'), await send('POST', '/v1/customers', ADA)];
  rmSync(join(folder, 'keys.sqlite'));
  broken.push(await send('POST', '/v1/customers/cus_2/change', ADA));
  expect(broken.some(({ status }) => status >= 500)).toBe(true);

  const lines = `${api.output}\n${projector.output}`.split('\n');
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.some((line) => line.includes('"level":50') || line.includes('"level":40'))).toBe(true);
  expect(lines.filter((line) => PLANTED.test(line))).toEqual([]);
}, 90_000);
