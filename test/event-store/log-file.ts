import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact, Recorded } from '../../src/domain/fact.js';
import type { EventStore, NewEvent } from '../../src/application/ports/event-store.js';

export const clock = { now: Date.now };

/** A file of its own in a folder of its own. */
export async function temporaryLog(): Promise<{ file: string; folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-log-'));
  return { file: join(folder, 'log.sqlite'), folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The smallest event, with room for any text. */
export function confirmed(
  orderId: string,
  id: string = randomUUID(),
): NewEvent<Fact<'OrderConfirmed', { orderId: string }>> {
  return {
    id,
    event: { type: 'OrderConfirmed', data: { orderId } },
    metadata: {
      commandId: 'cmd-1',
      commandHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
      correlationId: 'cmd-1',
      causationId: 'cmd-1',
      principal: 'test',
      occurredAt: '2010-12-01T08:26:00.000Z',
    },
  };
}

export const anyStream = (): string => `order-${randomUUID()}`;

/** Writes a new stream of more than one append may hold: so many events at a time. */
export async function writeStream(store: EventStore, stream: string, events: readonly NewEvent[], atOnce: number) {
  for (let n = 0; n < events.length; n += atOnce) {
    await store.append(stream, n === 0 ? 'no-stream' : BigInt(n - 1), events.slice(n, n + atOnce));
  }
}

export async function streamOf(store: EventStore, stream: string): Promise<Recorded[]> {
  const all: Recorded[] = [];
  for await (const batch of store.readStream(stream)) all.push(...batch);
  return all;
}

/** How many transactions stand in a WAL: frames that end one say how large the file is after it (sqlite.org/fileformat2.html). */
export function transactionsInWal(file: string): number {
  const wal = readFileSync(`${file}-wal`);
  const [headerBytes, frameHeaderBytes, pageBytes] = [32, 24, wal.readUInt32BE(8)];
  const salt = wal.subarray(16, 24);
  let transactions = 0;
  for (let at = headerBytes; at + frameHeaderBytes <= wal.length; at += frameHeaderBytes + pageBytes) {
    if (!wal.subarray(at + 8, at + 16).equals(salt)) break; // left over from before the WAL began anew
    if (wal.readUInt32BE(at + 4) > 0) transactions++;
  }
  return transactions;
}
