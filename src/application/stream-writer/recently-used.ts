/** What is left once there is too much: a walk from the oldest on is dear, so it is not made for each value. */
const LEFT = 7 / 8;
/** How many values that are busy are passed over at a time, so that a look-up stays quick while all are. */
const BUSY_PASSED = 16;

/**
 * Keeps the values that were used last, as many as weigh `capacity` together or an eighth less, and besides them those that
 * are busy. A value that weighs more than half of it counts as half, so that one alone never drives out all others.
 */
export class RecentlyUsed<V> {
  /** In order of use. */
  readonly #kept = new Map<string, { readonly value: V; weight: number }>();
  #total = 0;

  constructor(
    private readonly capacity: number,
    private readonly of: Readonly<{ weigh: (value: V) => number; isBusy: (value: V) => boolean }>,
  ) {}

  /** The value of `key`, made with `make` where there is none (any more). */
  get(key: string, make: (key: string) => V): V {
    const known = this.#kept.get(key);
    if (known) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.value;
    }
    const value = make(key);
    const weight = this.#weigh(value);
    this.#kept.set(key, { value, weight });
    this.#total += weight;
    this.#letGo(key);
    return value;
  }

  /** To be called when the value of `key` weighs another weight than before, or is busy no more. */
  changed(key: string): void {
    const known = this.#kept.get(key);
    if (!known) return;
    const weight = this.#weigh(known.value);
    this.#total += weight - known.weight;
    known.weight = weight;
    this.#letGo();
  }

  #weigh(value: V): number {
    return Math.min(this.of.weigh(value), this.capacity / 2);
  }

  /** @param used whoever asked for it is about to make it busy */
  #letGo(used?: string): void {
    if (this.#total <= this.capacity) return;
    let passed = 0;
    for (const [key, kept] of this.#kept) {
      if (this.#total <= this.capacity * LEFT || passed === BUSY_PASSED) return;
      this.#kept.delete(key);
      if (key === used || this.of.isBusy(kept.value)) {
        this.#kept.set(key, kept);
        passed += 1;
      } else this.#total -= kept.weight;
    }
  }
}
