import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { PaymentCommand } from '../../src/domain/payment/payment.commands.js';
import type { PaymentRequestEvent } from '../../src/domain/payment/payment.events.js';
import type { Shop } from './shop.js';

/** How the bank answers an authorization that is asked for. */
export type Answer = 'yes' | 'no' | 'action';
/** What it holds of an authorization, in minor units. `gone`: voided, expired, declined, or captured for the last time. */
type Held = { minor: bigint; captured: bigint; refunded: bigint; status: 'action' | 'held' | 'gone' };

type Refusable = 'capture' | 'void' | 'refund';

/**
 * A bank that does each request once, and keeps what it has to tell until the test delivers it: late, in any order, twice.
 * It says no to so many of the next requests as `refusing` says, but never to more than `mostInARow` of one payment.
 */
export class Bank {
  readonly #held = new Map<string, Held>();
  readonly #done = new Set<string>();
  readonly #news: PaymentCommand[] = [];
  readonly refusing: Record<Refusable, number> = { capture: 0, void: 0, refund: 0 };
  mostInARow = 3;
  /** Whatever a capture leaves, it lets go of. */
  capturesOnce = false;
  readonly #refused = new Map<string, number>();
  #seen: bigint | undefined;

  constructor(
    private readonly shop: Shop,
    private readonly answers: () => Answer,
  ) {}

  /** Does what was asked of it since. */
  async work(): Promise<void> {
    for (const event of await this.shop.events(this.#seen)) {
      this.#seen = event.position;
      if (isRequest(event)) this.#perform(event);
    }
  }

  /** Tells one of its outcomes. It may tell it again later. */
  async tell(index: number, again: boolean): Promise<void> {
    if (this.#news.length === 0) return;
    const [news] = this.#news.splice(index % this.#news.length, 1);
    await this.shop.payment(news!, 'provider');
    if (again) this.#news.push(news!);
  }

  async tellAll(): Promise<void> {
    while (this.#news.length > 0) await this.tell(0, false);
  }

  /** Customers answer the questions of 3-D Secure. */
  act(agrees: boolean): void {
    for (const [reference, held] of this.#held) {
      if (held.status !== 'action') continue;
      held.status = agrees ? 'held' : 'gone';
      this.#authorization(reference, agrees ? { status: 'succeeded', reference } : declined);
    }
  }

  /** What was held and not taken is let go of. */
  expire(): void {
    for (const [reference, held] of this.#held) {
      if (held.status !== 'held' || held.captured > 0n) continue;
      held.status = 'gone';
      this.#authorization(reference, { status: 'expired', reference });
    }
  }

  /** What it holds or has taken of the payment, in minor units. */
  of(paymentId: string): Readonly<{ heldMinor: bigint; keptMinor: bigint }> {
    let [heldMinor, keptMinor] = [0n, 0n];
    for (const [reference, { minor, captured, refunded, status }] of this.#held) {
      if (!reference.startsWith(`${paymentId}/`)) continue;
      if (status !== 'gone') heldMinor += minor - captured;
      keptMinor += captured - refunded;
    }
    return { heldMinor, keptMinor };
  }

  #authorization(
    reference: string,
    outcome: Extract<PaymentCommand, { type: 'RecordAuthorization' }>['data']['outcome'],
  ) {
    const [paymentId = '', operationId = ''] = reference.split('/');
    this.#news.push({ type: 'RecordAuthorization', data: { paymentId, operationId, outcome } });
  }

  #perform({ type, data }: PaymentRequestEvent): void {
    const { paymentId, operationId } = data;
    const key = `${paymentId}/${operationId}`;
    if (this.#done.has(key)) return;
    this.#done.add(key);
    if (type === 'AuthorizationRequested') return this.#authorize(key, data.amount.minor);
    const held = this.#held.get(data.authorizationReference)!;
    const reference = `${type}/${key}`;
    const failed = { status: 'failed', code: 'no', reason: 'no' } as const;
    const moved = { status: 'succeeded', reference } as const;
    const of = { paymentId, operationId };
    switch (type) {
      case 'CaptureRequested': {
        const fits = held.status === 'held' && held.captured + data.amount.minor <= held.minor;
        const can = fits && !this.#refuses('capture', paymentId);
        if (can) held.captured += data.amount.minor;
        const isLast = this.capturesOnce || data.isFinal === 'yes' || held.captured === held.minor;
        if (can && isLast) held.status = 'gone';
        const capturable = { minor: isLast ? 0n : held.minor - held.captured, currency: data.amount.currency };
        const outcome = can ? { ...moved, capturable } : failed;
        this.#news.push({ type: 'RecordCapture', data: { ...of, outcome } });
        break;
      }
      case 'VoidRequested': {
        const can = held.status !== 'gone' && !this.#refuses('void', paymentId);
        if (can) held.status = 'gone';
        const outcome = can ? ({ status: 'succeeded', reference: data.authorizationReference } as const) : failed;
        this.#news.push({ type: 'RecordVoid', data: { ...of, outcome } });
        break;
      }
      case 'RefundRequested': {
        const fits = held.refunded + data.amount.minor <= held.captured;
        const can = fits && !this.#refuses('refund', paymentId);
        if (can) held.refunded += data.amount.minor;
        this.#news.push({ type: 'RecordRefund', data: { ...of, outcome: can ? moved : failed } });
        break;
      }
    }
  }

  #refuses(kind: Refusable, paymentId: string): boolean {
    const inARow = this.#refused.get(`${kind} ${paymentId}`) ?? 0;
    const isRefused = this.refusing[kind] > 0 && inARow < this.mostInARow;
    if (isRefused) this.refusing[kind]--;
    this.#refused.set(`${kind} ${paymentId}`, isRefused ? inARow + 1 : 0);
    return isRefused;
  }

  #authorize(reference: string, minor: bigint): void {
    const answer = this.answers();
    const status = { yes: 'held', no: 'gone', action: 'action' } as const;
    this.#held.set(reference, { minor, captured: 0n, refunded: 0n, status: status[answer] });
    if (answer === 'yes') this.#authorization(reference, { status: 'succeeded', reference });
    else if (answer === 'no') this.#authorization(reference, declined);
    else
      this.#authorization(reference, { status: 'requires-action', reference, nextActionUrl: 'https://bank.test/3ds' });
  }
}

const declined = { status: 'failed', code: 'card_declined', reason: 'no' } as const;

const REQUESTS: ReadonlySet<string> = new Set([
  'AuthorizationRequested',
  'CaptureRequested',
  'VoidRequested',
  'RefundRequested',
]);
const isRequest = (event: LedgerEvent): event is PaymentRequestEvent => REQUESTS.has(event.type);
