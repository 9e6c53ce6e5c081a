/** When something is tried again, unless it changes before. `tries` counts from 0; `cause`: why it failed. */
export type Rest = Readonly<{ version: string | bigint; untilMs: number; tries: number; cause?: Error }>;

/** What stays as it was is tried again after 1, 2, 4 … seconds, and then every minute. */
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** Rests between tries, by id. They are lost with the process: then everything is tried at once. */
export class Rests {
  readonly #byId = new Map<string, Rest>();

  /** `nowMs`: a clock for ages, in milliseconds, that never goes back. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** The rest of this very version, over or not; `undefined` where it has not been tried. */
  of(id: string, version: string | bigint): Rest | undefined {
    const rest = this.#byId.get(id);
    return rest?.version === version ? rest : undefined;
  }

  isOver({ untilMs }: Rest): boolean {
    return untilMs <= this.nowMs();
  }

  /** It has been tried once more. */
  begin(id: string, version: string | bigint, cause?: Error): void {
    const before = this.of(id, version);
    const tries = before === undefined ? 0 : before.tries + 1;
    const restMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
    const untilMs = this.nowMs() + restMs;
    this.#byId.set(id, { version, untilMs, tries, ...(cause === undefined ? {} : { cause }) });
  }

  /** Forgets all others: they are not due any more. */
  keepOnly(ids: Pick<ReadonlySet<string>, 'has'>): void {
    for (const id of this.#byId.keys()) if (!ids.has(id)) this.#byId.delete(id);
  }
}
