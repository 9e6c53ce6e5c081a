import type { Money } from '../../domain/money.js';

/**
 * An authorization for which the customer has to authenticate.
 * `status`  `open` until they have done it, or not; `canceled` once the hold was given up
 */
export type Authentication = Readonly<{
  reference: string;
  paymentId: string;
  amount: Money;
  status: 'open' | 'succeeded' | 'failed' | 'canceled';
}>;

/** `absent`: there is nothing of that name; `too-late`: it has come to another end already. */
export type Played = 'done' | 'absent' | 'too-late';

/**
 * The parts that people play at the embedded sandbox: the customer who authenticates, and the bank that ends a dispute.
 * It is the outside world: what comes of it, the provider tells later, as it does of anything. Done again the same way, it
 * is done.
 * @throws SandboxUnavailable from every call
 */
export interface SandboxBank {
  authentication(reference: string): Authentication | undefined;
  authenticate(reference: string, outcome: 'succeeded' | 'failed'): Played;
  endDispute(disputeId: string, outcome: 'won' | 'lost'): Played;
}

/** Injection token of the `SandboxBank`. */
export const SANDBOX_BANK = Symbol('SandboxBank');

/** The sandbox's file cannot be read or written just now. Nothing was done. */
export class SandboxUnavailable extends Error {
  override readonly name = 'SandboxUnavailable';
}
