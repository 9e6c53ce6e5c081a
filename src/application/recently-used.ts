/**
 * Keeps the values that were used last: at least `capacity` / 2 of them, at most `capacity`, and besides them those that
 * `isBusy`. Two generations instead of a list in order of use, so that a look-up moves nothing most of the time.
 */
export class RecentlyUsed<V> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  readonly #generation: number;

  constructor(
    capacity: number,
    private readonly isBusy: (value: V) => boolean,
  ) {
    this.#generation = Math.max(1, Math.floor(capacity / 2));
  }

  /** The value of `key`, made with `make` where there is none (any more). */
  get(key: string, make: (key: string) => V): V {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const value = this.#old.get(key) ?? make(key);
    this.#young.set(key, value);
    if (this.#young.size > this.#generation) this.#age();
    return value;
  }

  #age(): void {
    const busy = new Map<string, V>();
    for (const [key, value] of this.#old) if (this.isBusy(value)) busy.set(key, value);
    this.#old = this.#young;
    this.#young = busy;
  }
}
