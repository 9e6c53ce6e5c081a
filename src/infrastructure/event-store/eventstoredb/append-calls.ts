import { settlesWithin } from '../../waiting.js';
import { AppendCall, type AppendAnswer, type AppendRequest } from './append-call.js';
import type { Connection } from './connection.js';
import { NoAnswer } from './errors.js';

/**
 * The appends of one connection: over one call as long as it lasts, then over the next.
 *
 * A call belongs to one connection to one server. So when `verify` has looked at the server after the call was opened,
 * and the call is still there, then the appends go to the server that was looked at: one that comes back with other data
 * ends the call.
 */
export class AppendCalls {
  #call: AppendCall | undefined;
  #opening: Promise<AppendCall> | undefined;

  constructor(
    private readonly connection: Connection,
    /** How long opening a call may take. */
    private readonly openWithinMs: number,
    private readonly verify: (withinMs: number) => Promise<void>,
  ) {}

  /** Rejects with what the server or gRPC says. @throws NoAnswer after `withinMs` */
  async append(request: AppendRequest, withinMs: number): Promise<AppendAnswer> {
    const end = performance.now() + withinMs;
    const call = await this.current(withinMs);
    return call.append(request, Math.max(1, end - performance.now()));
  }

  /** The call that appends go over now. All that wait for one wait for the same, each as long as he may. */
  async current(withinMs: number): Promise<AppendCall> {
    const end = performance.now() + withinMs;
    for (;;) {
      if (this.#call?.takesMore) return this.#call;
      const leftMs = end - performance.now();
      if (leftMs <= 0) throw new NoAnswer(`No answer for ${Math.round(withinMs)} ms`);
      const opening = (this.#opening ??= this.#open().finally(() => {
        this.#opening = undefined;
      }));
      if (!(await settlesWithin(opening, leftMs))) throw new NoAnswer(`No answer for ${Math.round(withinMs)} ms`);
      try {
        return await opening;
      } catch (cause) {
        if (!(cause instanceof NoAnswer)) throw cause; // it was begun earlier, and its time was up sooner
      }
    }
  }

  async #open(): Promise<AppendCall> {
    this.#call?.retire();
    const end = performance.now() + this.openWithinMs;
    const call = new AppendCall(await this.connection.batchAppend(this.openWithinMs));
    try {
      await this.verify(Math.max(1, end - performance.now()));
    } catch (cause) {
      call.retire();
      throw cause;
    }
    this.#call = call;
    return call;
  }
}
