/** How often the file is asked whether another process wrote. One question takes some 5 µs, however many wait. */
const POLL_MS = 20;

/**
 * Wakes whoever waits for the log to grow: at once for this process's own appends, within `POLL_MS` for those of
 * another. Polls only while somebody waits, and only where other processes can write.
 */
export class LogWatch {
  /** Grows with every sign of a change; a reader remembers it before it looks, so that nothing slips in between. */
  #signs = 0;
  #dataVersion: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<() => void>();

  /** @param dataVersion changes when another connection has committed; absent where there are no others */
  constructor(private readonly dataVersion?: () => number) {}

  get signs(): number {
    return this.#signs;
  }

  wake(): void {
    this.#signs++;
    for (const resume of this.#waiting) resume();
  }

  /** Resolves at the first sign after `signs`, or when `signal` aborts. */
  async changed(signs: number, signal: AbortSignal): Promise<void> {
    if (this.#signs !== signs || signal.aborted) return;
    let resume = (): void => undefined;
    try {
      await new Promise<void>((resolve) => {
        resume = resolve;
        this.#waiting.add(resume);
        signal.addEventListener('abort', resume, { once: true });
        const { dataVersion } = this;
        if (dataVersion) this.#timer ??= setInterval(() => this.#poll(dataVersion), POLL_MS);
      });
    } finally {
      signal.removeEventListener('abort', resume);
      this.#waiting.delete(resume);
      if (this.#waiting.size === 0) this.#stop();
    }
  }

  #poll(dataVersion: () => number): void {
    try {
      const current = dataVersion();
      if (current === this.#dataVersion) return;
      this.#dataVersion = current;
    } catch {
      this.#dataVersion = undefined; // whoever is woken reads, and meets the same error where it can be told
    }
    this.wake();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
