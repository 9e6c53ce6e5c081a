import fc from 'fast-check';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { Recorded } from '../../src/domain/fact.js';
import { interleaved, orders, shops } from '../projections/histories.js';

/** What a shop's log may hold. */
export const histories: fc.Arbitrary<readonly Recorded<LedgerEvent>[]> = fc
  .tuple(shops, orders)
  .map(([streams, picks]) => interleaved(streams, picks));
