import type { Snapshot } from '../../src/application/ports/snapshot-store.js';

export const LOG = '00000000-0000-4000-8000-00000000000a';
export const STREAM = 'stock-MUG@main';

/** Some three megabytes, of which every part says `n`: a mixture of two would show. */
export const largeSnapshot = (n: number): Snapshot => ({
  stream: STREAM,
  version: 1,
  head: { revision: BigInt(n), position: BigInt(n), id: 'x', recordedAt: '2026-03-01T12:00:00.000Z' },
  state: Array.from({ length: 100 }, (_, piece) => ({ n, piece, text: String(n).repeat(20_000).slice(0, 20_000) })),
  commands: new Uint32Array(300_000).fill(n),
});
