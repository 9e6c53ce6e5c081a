import type { Recorded } from '../../domain/fact.js';
import type { Document, Projection, Stored, ViewDefinition } from '../../projections/projection.js';
import type { Halt } from './halt.js';

/** What a follower is known by, and asks the log for. One that keeps no documents has no indexes. */
export type Followed = ViewDefinition & Pick<Projection, 'types'>;

/**
 * What a follower does with events before it commits its checkpoint behind them; `Fold` makes documents of them. Made for
 * one attempt, and closed with it.
 */
export interface Intake {
  /** How much was taken in since `settled()`: when there is any, a live follower commits as soon as nothing more comes. */
  readonly waiting: number;
  /** About how much memory it needs, in characters of JSON. */
  readonly waitingSize: number;
  /**
   * Takes `events` in, in order, up to one that cannot be; that one leaves no trace. `folded` says how many went in.
   * What rejects may have had an effect, for part of them: they come again in the next attempt.
   */
  add(events: readonly Recorded[]): Promise<{ folded: number; halt?: Halt }>;
  /** What to commit with the checkpoint. */
  documents(): readonly Stored<Document>[];
  /** It is committed. */
  settled(): void;
  /** Lets go of what it holds, whatever it is doing; nothing has an effect after it. */
  close?(): Promise<void>;
}
