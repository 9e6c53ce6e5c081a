import { randomUUID } from 'node:crypto';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type * as streams from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendCall } from './connection.js';
import { callEnded, NoAnswer, refusalOf } from './errors.js';

/** One append as the protocol has it. It may be sent again as it is: the server knows the ids that it has written. */
export type AppendRequest = Readonly<{
  options: streams.BatchAppendReq.Options;
  messages: readonly streams.BatchAppendReq.ProposedMessage[];
}>;

/** `conflict`: the stream is not at the expected revision. */
export type AppendAnswer = streams.BatchAppendResp.Success | 'conflict';

type Unanswered = Readonly<{
  resolve: (answer: AppendAnswer) => void;
  reject: (cause: Error) => void;
  timer: NodeJS.Timeout;
}>;

/**
 * A BatchAppend call: many appends, taken by the server in the order in which they are sent, and answered by their
 * correlation ids in any. Whoever waits for an answer waits for his own; when the call ends, nobody knows which of those
 * without one were written.
 */
export class AppendCall {
  readonly #unanswered = new Map<string, Unanswered>();
  #failure: Error | undefined;
  #isRetired = false;

  constructor(private readonly call: BatchAppendCall) {
    call.on('data', (answer: streams.BatchAppendResp) => this.#take(answer));
    call.on('error', (cause) => this.#end(cause));
    call.on('end', () => {
      this.#end(callEnded());
      call.end(); // or the client keeps it for ever
    });
  }

  get takesMore(): boolean {
    return !this.#isRetired && this.#failure === undefined;
  }

  /**
   * Rejects with what the server or gRPC says.
   * @throws NoAnswer after `withinMs`; the call takes no more then
   */
  append({ options, messages }: AppendRequest, withinMs: number): Promise<AppendAnswer> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = randomUUID();
    const request = new streamsPb.BatchAppendReq().setCorrelationId(new sharedPb.UUID().setString(id));
    request
      .setOptions(options)
      .setProposedMessagesList([...messages])
      .setIsFinal(true);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#settle(id)?.reject(new NoAnswer(`No answer for ${Math.round(withinMs)} ms`));
        this.retire();
      }, withinMs);
      this.#unanswered.set(id, { resolve, reject, timer });
      this.call.write(request);
    });
  }

  /** Takes no more appends; the call ends once those under way are answered or given up. */
  retire(): void {
    this.#isRetired = true;
    // Closed from this side, a server would wait for ever for the answers that it does not owe.
    if (this.#unanswered.size === 0) this.call.cancel();
  }

  #take(answer: streams.BatchAppendResp): void {
    const waiting = this.#settle(answer.getCorrelationId()?.getString() ?? '');
    if (!waiting) return; // answered before, or given up
    const error = answer.getError();
    const success = answer.getSuccess();
    const refusal = error && refusalOf(error);
    if (success) waiting.resolve(success);
    else if (refusal?.type === 'wrong-expected-version') waiting.resolve('conflict');
    else waiting.reject(refusal ?? callEnded());
    if (this.#isRetired) this.retire();
  }

  #settle(id: string): Unanswered | undefined {
    const waiting = this.#unanswered.get(id);
    clearTimeout(waiting?.timer);
    this.#unanswered.delete(id);
    return waiting;
  }

  #end(cause: Error): void {
    this.#failure ??= cause;
    for (const id of [...this.#unanswered.keys()]) this.#settle(id)?.reject(this.#failure);
  }
}
