import type { Recorded } from '../../domain/fact.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { CommandIdReused, Rejected, RevisionMismatch, type Refusal } from '../errors.js';
import { eventId } from '../ids.js';
import type { ExpectedRevision, NewEvent } from '../ports/event-store.js';
import type { Folded } from './folded.js';
import type { Lane, Waiting } from './lane.js';
import { firstReceipt } from './stream-history.js';

/**
 * What was decided for one command; carried out once the round's append has succeeded.
 * `revision`  of the last event that this append writes for it, or at which there was nothing to do
 * `isTwin`    the same command came before it in the round, and these are that one's events
 */
export type Verdict =
  | { kind: 'written'; revision: number; isTwin: boolean }
  | { kind: 'nothing-to-do'; revision: ExpectedRevision }
  | { kind: 'replayed'; receipt: Receipt }
  | { kind: 'refused'; error: Refusal };

/**
 * `verdicts`      one for each command, in their order
 * `state`         what the events leave
 * `restsOnState`  some answer (a refusal, nothing to do) is not proved by an append at the state's revision
 */
export type Decided = Readonly<{
  events: readonly NewEvent[];
  verdicts: readonly Verdict[];
  state: unknown;
  restsOnState: boolean;
}>;

/**
 * Decides a whole round on one state, each command on what the ones before it would leave. Writes nothing.
 * @param accepted commands of this round that were accepted before, with their newest event
 */
export function decideRound(
  { stream, decider }: Pick<Lane, 'stream' | 'decider'>,
  folded: Folded,
  accepted: ReadonlyMap<string, Recorded>,
  round: readonly Waiting[],
): Decided {
  const events: NewEvent[] = [];
  const verdicts: Verdict[] = [];
  const idsOfRound = new Map<string, { hash: string; verdict: Verdict }>();
  const base = folded.revision === 'no-stream' ? -1 : Number(folded.revision);
  const head = (): ExpectedRevision => (base + events.length < 0 ? 'no-stream' : BigInt(base + events.length));
  let { state } = folded;
  let restsOnState = false;

  const verdictOn = ({ command, context, hash }: Waiting): Verdict => {
    const { commandId, expectedRevision } = context;
    const before = accepted.get(commandId);
    if (before) {
      if (before.metadata.commandHash !== hash) return refusal(new CommandIdReused(stream, commandId));
      return { kind: 'replayed', receipt: firstReceipt(before) };
    }
    const twin = idsOfRound.get(commandId);
    if (twin) {
      if (twin.hash !== hash) return refusal(new CommandIdReused(stream, commandId));
      return twin.verdict.kind === 'written' ? { ...twin.verdict, isTwin: true } : twin.verdict;
    }
    if (expectedRevision !== undefined && expectedRevision !== head()) {
      return refusal(new RevisionMismatch(stream, expectedRevision, head()));
    }
    const decision = decider.decide(command, state, context.occurredAt);
    if (decision.outcome === 'rejected') return refusal(new Rejected(decision.rejection));
    if (decision.events.length === 0) {
      restsOnState = true;
      return { kind: 'nothing-to-do', revision: head() };
    }
    decision.events.forEach((event, index) => {
      state = decider.evolve(state, event);
      events.push({ id: eventId(stream, commandId, index), event, metadata: metadataOf(context, hash) });
    });
    return { kind: 'written', revision: base + events.length, isTwin: false };
  };
  const refusal = (error: Refusal): Verdict => {
    restsOnState = true;
    return { kind: 'refused', error };
  };

  for (const waiting of round) {
    const verdict = verdictOn(waiting);
    idsOfRound.set(waiting.context.commandId, { hash: waiting.hash, verdict });
    verdicts.push(verdict);
  }
  return { events, verdicts, state, restsOnState };
}

function metadataOf(context: CommandContext, hash: string): NewEvent['metadata'] {
  const { commandId, principal, occurredAt, reason, traceparent } = context;
  return {
    commandId,
    commandHash: hash,
    correlationId: context.correlationId ?? commandId,
    causationId: context.causationId ?? commandId,
    principal,
    occurredAt,
    ...(reason === undefined ? {} : { reason }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
