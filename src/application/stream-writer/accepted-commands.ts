import { CommandIndex } from './command-index.js';

/** So many ids are kept as they are; beyond, they go into the index, which takes a tenth of the memory. */
const KEPT_WHOLE = 4_096;

/** The commands that wrote a stream's events, each with the revision of the newest event it wrote. */
export class AcceptedCommands {
  /** A number for a revision: a stream cannot hold 2^53 events. */
  readonly #recent = new Map<string, number>();

  constructor(private readonly older = new CommandIndex()) {}

  add(commandId: string, revision: number): void {
    this.#recent.set(commandId, revision);
    if (this.#recent.size > KEPT_WHOLE) this.#settle();
  }

  /** Revisions whose events may be of this command, the newest first. None: it was never accepted. */
  candidates(commandId: string): readonly number[] {
    const recent = this.#recent.get(commandId);
    return recent === undefined ? this.older.candidates(commandId) : [recent];
  }

  /** All of them, as `CommandIndex.from` takes them. */
  entries(): Uint32Array<ArrayBuffer> {
    this.#settle();
    return this.older.entries();
  }

  #settle(): void {
    for (const [commandId, revision] of this.#recent) this.older.add(commandId, revision);
    this.#recent.clear();
  }
}
