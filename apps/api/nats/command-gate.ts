import { RequestRefused } from '../problems.js';

/**
 * `atOnce`   commands that are being done
 * `waiting`  commands that wait for their turn
 * `waitMs`   how long one may wait; whoever asked for it has given up by then
 */
export type GateLimits = Readonly<{ atOnce: number; waiting: number; waitMs: number }>;
export const DEFAULT_GATE: GateLimits = { atOnce: 64, waiting: 1_024, waitMs: 5_000 };

/** Lets so many commands through at once, has so many wait in turn, and turns away the rest: NATS itself holds nobody up. */
export class CommandGate {
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly limits: GateLimits = DEFAULT_GATE) {}

  /** @throws RequestRefused `too-many-commands`: there was no turn for it, and nothing of it was done */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.limits.atOnce) await this.#turn();
    else this.#underWay += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#underWay -= 1;
    }
  }

  /** Resolves when one that was being done has ended, and its place is this one's. */
  async #turn(): Promise<void> {
    const { waiting, waitMs } = this.limits;
    if (this.#waiting.length >= waiting) throw this.#refusal();
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        clearTimeout(late);
        resolve();
      };
      const late = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(this.#refusal());
      }, waitMs);
      this.#waiting.push(turn);
    });
  }

  #refusal(): RequestRefused {
    const { atOnce, waiting } = this.limits;
    return new RequestRefused({ code: 'too-many-commands', atOnce, waiting }, { 'Retry-After': '1' });
  }
}
