/**
 * An answer, not a failure. Nothing was written. It has no stack trace, which would say nothing, and takes ten times as long
 * as the rest of an error.
 */
export abstract class Refusal extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The business said no. `rejection.code` has a row in the problem table. */
export class Rejected extends Refusal {
  override readonly name = 'Rejected';
  constructor(readonly rejection: Readonly<{ code: string }>) {
    super(`Rejected: ${rejection.code}`);
  }
}

/** The command id was used before on this stream, for another command. */
export class CommandIdReused extends Refusal {
  override readonly name = 'CommandIdReused';
  constructor(
    readonly stream: string,
    readonly commandId: string,
  ) {
    super(`Command id ${commandId} was used on ${stream} for another command`);
  }
}

/** `If-Match` named a revision that is not the stream's. */
export class RevisionMismatch extends Refusal {
  override readonly name = 'RevisionMismatch';
  constructor(
    readonly stream: string,
    readonly expected: bigint,
    readonly current: bigint | 'no-stream',
  ) {
    super(`${stream} is at ${current}, not at ${expected}`);
  }
}
