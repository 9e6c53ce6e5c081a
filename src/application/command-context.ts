import type { Instant } from '../domain/fact.js';

/**
 * Who asks, and when it happened.
 * `commandId`        1 to 255 printable ASCII characters, unique per stream: the client's `Idempotency-Key`, or a
 *                    follower's or importer's own deterministic name. Same id, same command: the first receipt again.
 * `occurredAt`       business time; what a decider sees as `at`
 * `correlationId`    ties together what one request set off; `commandId` when absent
 * `causationId`      what caused this command; `commandId` when absent
 * `expectedRevision` the revision the client decided on (`If-Match`), if it said one
 */
export type CommandContext = Readonly<{
  commandId: string;
  principal: string;
  occurredAt: Instant;
  correlationId?: string;
  causationId?: string;
  reason?: string;
  traceparent?: string;
  expectedRevision?: bigint;
}>;

/**
 * The answer to an accepted command.
 * `revision`  of the newest event it wrote; for a command that had nothing to do, of the newest on its stream (absent
 *             where the stream has none)
 * `position`  of that event: a view that has come this far shows the command's effect
 * `replayed`  the command had been accepted before: this is the first receipt again
 */
export type Receipt = Readonly<{ stream: string; revision?: bigint; position?: bigint; replayed: boolean }>;
