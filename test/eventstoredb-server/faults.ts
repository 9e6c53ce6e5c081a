import { setTimeout as delay } from 'node:timers/promises';

export type Rpc = 'append' | 'batchAppend' | 'read' | 'subscribe' | 'supportedMethods' | 'gossip';

/**
 * `before`        what happens before the call is looked at
 *   `refuse`        answered UNAVAILABLE, nothing was done; ends a BatchAppend call with all that are under way on it
 *   `not-leader`    a lie: refused with the address of `leader`
 *   `hang`          never looked at, never answered
 *   `stall`         (BatchAppend) as `hang`, and so are all that come on the same call
 *   `denied`        (BatchAppend) this append is refused, because the user may not write its stream; the call goes on
 *   `not-ready`, `busy`, `electing`, `timeout`  (BatchAppend) this append is not carried out, and told so; the call goes on
 *   `die`           the server's sockets close at once; it takes no more calls until it is started again
 * `after`         what happens after it was carried out
 *   `drop`          answered UNAVAILABLE; ends a BatchAppend call as `refuse` does
 *   `hang`          never answered
 *   `twice`         (BatchAppend) answered twice
 *   `end`           (BatchAppend) the call ends without an error
 *   `die`           as above
 * `delayMs`       waits before `before` and all else; what comes later on the same call may overtake it
 * `afterMessages` (subscribe, read) `after` happens once so many messages were sent, in the middle of the call:
 *                 `drop` ends it with CANCELLED, `end` without an error, `hang` goes silent for ever
 */
export type Fault = Readonly<{
  before?:
    'refuse' | 'not-leader' | 'hang' | 'stall' | 'denied' | 'die' | 'not-ready' | 'busy' | 'electing' | 'timeout';
  after?: 'drop' | 'hang' | 'twice' | 'die' | 'end';
  delayMs?: number;
  afterMessages?: number;
  leader?: Readonly<{ host: string; port: number }>;
}>;

/** What is to go wrong, and what was asked: each fault befalls the next `times` calls of its kind. */
export class Faults {
  /** Calls so far, by kind. */
  readonly calls = new Map<Rpc, number>();
  /** Messages of reads and subscriptions handed to the network so far. */
  streamed = 0;
  readonly #planned: { rpc: Rpc; fault: Fault; left: number }[] = [];

  plan(rpc: Rpc, fault: Fault, times = 1): void {
    this.#planned.push({ rpc, fault, left: times });
  }

  clear(): void {
    this.#planned.length = 0;
  }

  count(rpc: Rpc): number {
    return this.calls.get(rpc) ?? 0;
  }

  /** Counts a call and takes the fault that befalls it. */
  async next(rpc: Rpc): Promise<Fault> {
    this.calls.set(rpc, this.count(rpc) + 1);
    const planned = this.#planned.find((candidate) => candidate.rpc === rpc && candidate.left > 0);
    if (!planned) return {};
    planned.left--;
    if (planned.fault.delayMs !== undefined) await delay(planned.fault.delayMs);
    return planned.fault;
  }
}
