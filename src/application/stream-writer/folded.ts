import type { Asked, Decider } from '../../domain/decider.js';
import type { AnyFact } from '../../domain/fact.js';
import type { ExpectedRevision } from '../ports/event-store.js';
import { AcceptedCommands } from './accepted-commands.js';

export type AnyCommand = Asked<string, object>;
export type AnyDecider = Decider<AnyCommand, unknown, AnyFact, { code: string }>;

/**
 * A state folded from its stream up to `revision`, the `position` of that event, and the commands so far.
 * `saved`  how many events are in the newest snapshot that this writer knows
 */
export type Folded = {
  state: unknown;
  revision: ExpectedRevision;
  position: bigint | undefined;
  readonly accepted: AcceptedCommands;
  saved: number;
};

/** A stream before its first event. */
export const nothingFolded = ({ initial }: AnyDecider): Folded => ({
  state: initial,
  revision: 'no-stream',
  position: undefined,
  accepted: new AcceptedCommands(),
  saved: 0,
});

export const eventsIn = ({ revision }: Folded): number => (revision === 'no-stream' ? 0 : Number(revision) + 1);
