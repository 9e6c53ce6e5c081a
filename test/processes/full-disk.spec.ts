/** The disk that the log lines go to is full: they are lost, and nothing else. */
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { temporaryFolders } from '../temporary-folders.js';
import { LedgerProcess } from './ledger-process.js';

/** A file to which no byte can be written: ENOSPC. Linux has it. */
const FULL = '/dev/full';
const onLinux = existsSync(FULL) ? test : test.skip;

const processes: LedgerProcess[] = [];
let full: number;
beforeEach(() => {
  full = existsSync(FULL) ? openSync(FULL, 'w') : -1;
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
  if (full !== -1) closeSync(full);
});
const newFolder = temporaryFolders();

onLinux(
  'commands are taken, views follow, and both processes stop as they should',
  async () => {
    const settings = { LEDGER_DATA: newFolder(), LOG_LEVEL: 'trace' };
    const started = [LedgerProcess.start('api', settings, full), LedgerProcess.start('projector', settings, full)];
    processes.push(...(await Promise.all(started)));
    const url = processes[0]?.url ?? '';
    for (const sku of ['A', 'B', 'C']) {
      const listed = await fetch(`${url}/v1/products`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': sku },
        body: JSON.stringify({ sku, name: 'Mug', prices: [] }),
      });
      expect(listed.status).toBe(201);
      const minPosition = listed.headers.get('ledger-position') ?? '';
      const read = await fetch(`${url}/v1/products/${sku}?minPosition=${minPosition}`, {
        headers: { Prefer: 'wait=20' },
      });
      expect(read.status).toBe(200);
    }
    for (const { child } of processes) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    }
  },
  60_000,
);
