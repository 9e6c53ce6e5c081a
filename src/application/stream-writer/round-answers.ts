import type { Receipt } from '../command-context.js';
import type { Appended, EventStore } from '../ports/event-store.js';
import type { Verdict } from './decide-round.js';
import type { Folded } from './folded.js';
import type { Waiting } from './lane.js';
import { PositionsOfAppend } from './positions-of-append.js';

/**
 * Tells a round's commands what became of them, once its append (if any) has succeeded.
 * `before`  where the stream was when they were decided
 */
export async function answerRound(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  round: readonly Waiting[],
  verdicts: readonly Verdict[],
  before: Pick<Folded, 'revision' | 'position'>,
  appended: Appended | undefined,
): Promise<void> {
  const positions = appended && new PositionsOfAppend(store, stream, appended);
  const receiptOf = async (verdict: Verdict): Promise<Receipt> => {
    switch (verdict.kind) {
      case 'refused':
        throw verdict.error;
      case 'replayed':
        return verdict.receipt;
      case 'nothing-to-do': {
        const { revision } = verdict;
        if (revision === 'no-stream') return { stream, replayed: false };
        const position = revision === before.revision ? before.position : await positions?.at(revision);
        return { stream, revision, ...(position === undefined ? {} : { position }), replayed: false };
      }
      case 'written': {
        if (!positions) throw new Error(`${stream}: events were decided, but not appended`);
        const revision = BigInt(verdict.revision);
        return { stream, revision, position: await positions.at(revision), replayed: verdict.isTwin };
      }
    }
  };
  for (const [index, waiting] of round.entries()) {
    const verdict = verdicts[index];
    if (!verdict) continue;
    try {
      waiting.resolve(await receiptOf(verdict));
    } catch (error) {
      waiting.reject(error);
    }
  }
}
