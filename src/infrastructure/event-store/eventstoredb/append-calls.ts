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
    /** How long finding a node may take. */
    private readonly openWithinMs: number,
    private readonly verify: () => Promise<void>,
  ) {}

  /** Rejects with what the server or gRPC says. @throws NoAnswer after `withinMs` */
  async append(request: AppendRequest, withinMs: number): Promise<AppendAnswer> {
    const end = performance.now() + withinMs;
    const call = this.#call?.takesMore ? this.#call : await this.#opened(withinMs);
    return call.append(request, Math.max(1, end - performance.now()));
  }

  /** All that wait for a call wait for the same, each as long as he may. */
  async #opened(withinMs: number): Promise<AppendCall> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    const opening = this.#opening;
    if (!(await settlesWithin(opening, withinMs))) throw new NoAnswer(`No answer for ${Math.round(withinMs)} ms`);
    return opening;
  }

  async #open(): Promise<AppendCall> {
    this.#call?.retire();
    const call = new AppendCall(await this.connection.batchAppend(this.openWithinMs));
    try {
      await this.verify();
    } catch (cause) {
      call.retire();
      throw cause;
    }
    this.#call = call;
    return call;
  }
}
