/** The business said no. `rejection.code` has a row in the problem table. Nothing was written. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  constructor(readonly rejection: Readonly<{ code: string }>) {
    super(`Rejected: ${rejection.code}`);
  }
}

/** The command id was used before on this stream, for another command. Nothing was written. */
export class CommandIdReused extends Error {
  override readonly name = 'CommandIdReused';
  constructor(
    readonly stream: string,
    readonly commandId: string,
  ) {
    super(`Command id ${commandId} was used on ${stream} for another command`);
  }
}

/** `If-Match` named a revision that is not the stream's. Nothing was written. */
export class RevisionMismatch extends Error {
  override readonly name = 'RevisionMismatch';
  constructor(
    readonly stream: string,
    readonly expected: bigint,
    readonly current: bigint | 'no-stream',
  ) {
    super(`${stream} is at ${current}, not at ${expected}`);
  }
}
