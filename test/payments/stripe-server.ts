import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Readonly<Record<string, unknown>>;
type Answer = Readonly<{ status: number; body: Json }>;
type Kept = {
  id: string;
  amount: number;
  received: number;
  refunded: number;
  status: 'requires_action' | 'requires_capture' | 'succeeded' | 'canceled';
  currency: string;
  metadata: Record<string, string>;
  inParts: boolean;
};

/** Of methods that are not answered with a hold: `code`, `decline_code`. */
const DECLINED: Readonly<Record<string, readonly [string, string?]>> = {
  pm_card_visa_chargeDeclined: ['card_declined', 'generic_decline'],
  pm_card_visa_chargeDeclinedInsufficientFunds: ['card_declined', 'insufficient_funds'],
  pm_card_visa_chargeDeclinedLostCard: ['card_declined', 'lost_card'],
  pm_card_chargeDeclinedExpiredCard: ['expired_card'],
  pm_card_chargeDeclinedProcessingError: ['processing_error'],
};

/**
 * The life of payment intents and refunds as docs.stripe.com tells it (api/payment_intents, api/refunds,
 * payments/multicapture, api/idempotent_requests), which stripe-mock does not keep: over HTTP, on the loopback address.
 * It is no proof of Stripe: only of what we make of what its documentation says.
 * @param multicapture whether this account, and its cards, can be captured in parts
 */
export class StripeServer {
  readonly #intents = new Map<string, Kept>();
  readonly #refunds: (Json & { payment_intent: string })[] = [];
  /** By idempotency key: what was asked, and what was answered to it the first time. */
  readonly #answers = new Map<string, Readonly<{ asked: string; answer: Answer }>>();
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_1' });
      response.end(JSON.stringify(body));
    });
  });

  constructor(private readonly multicapture: boolean) {}

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The customer does what was required of them. */
  authenticate(id: string): void {
    const intent = this.#intents.get(id);
    if (intent?.status !== 'requires_action') throw new Error(`${id} is ${intent?.status}`);
    intent.status = 'requires_capture';
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { method = '', url = '', headers } = request;
    const { pathname, searchParams } = new URL(url, 'http://stripe.test');
    const path = pathname.split('/').slice(2);
    if (method === 'GET') return this.#read(path, searchParams);
    const key = String(headers['idempotency-key']);
    const asked = `${pathname}?${text}`;
    const kept = this.#answers.get(key);
    if (kept) return kept.asked === asked ? kept.answer : failed('idempotency_error', 400, { message: 'Another key.' });
    const answer = this.#write(path, new URLSearchParams(text));
    this.#answers.set(key, { asked, answer });
    return answer;
  }

  #read([collection, id = '']: readonly string[], query: URLSearchParams): Answer {
    if (collection === 'refunds')
      return list(this.#refunds.filter((each) => each.payment_intent === query.get('payment_intent')));
    if (id === 'search') {
      const requestKey = /'([^']+)'$/.exec(query.get('query') ?? '')?.[1];
      const found = [...this.#intents.values()].filter(({ metadata }) => metadata['requestKey'] === requestKey);
      return list(found.map(shown));
    }
    const intent = this.#intents.get(id);
    return intent ? { status: 200, body: shown(intent) } : missing(id);
  }

  #write([collection, id = '', action]: readonly string[], body: URLSearchParams): Answer {
    if (collection === 'refunds') return this.#refund(body);
    if (id === '') return this.#create(body);
    const intent = this.#intents.get(id);
    if (!intent) return missing(id);
    return action === 'cancel' ? this.#cancel(intent) : this.#capture(intent, body);
  }

  #create(body: URLSearchParams): Answer {
    const method = body.get('payment_method') ?? '';
    const declined = DECLINED[method];
    const wantsParts = body.get('payment_method_options[card][request_multicapture]') === 'if_available';
    if (!declined && !/^pm_card_(visa|threeDSecure2Required)$/.test(method)) return missing(method);
    const intent: Kept = {
      id: `pi_${this.#intents.size + 1}`,
      amount: Number(body.get('amount')),
      received: 0,
      refunded: 0,
      status: method === 'pm_card_visa' ? 'requires_capture' : 'requires_action',
      currency: body.get('currency') ?? '',
      metadata: metadataIn(body),
      inParts: wantsParts && this.multicapture,
    };
    this.#intents.set(intent.id, intent);
    if (!declined) return { status: 200, body: shown(intent) };
    const [code, decline_code] = declined;
    return failed('card_error', 402, { code, decline_code, message: 'No.', payment_intent: { id: intent.id } });
  }

  #capture(intent: Kept, body: URLSearchParams): Answer {
    if (intent.status !== 'requires_capture') return unexpected(intent);
    const amount = Number(body.get('amount_to_capture'));
    const isFinal = body.get('final_capture') !== 'false';
    if (!isFinal && !intent.inParts) return failed('invalid_request_error', 400, { param: 'final_capture' });
    if (amount > intent.amount - intent.received)
      return failed('invalid_request_error', 400, { code: 'amount_too_large' });
    if (amount === 0 && !(isFinal && intent.received > 0))
      return failed('invalid_request_error', 400, { param: 'amount_to_capture' });
    intent.received += amount;
    if (isFinal) intent.status = 'succeeded';
    Object.assign(intent.metadata, metadataIn(body));
    return { status: 200, body: shown(intent) };
  }

  /** docs.stripe.com does not say that what was captured in part can be canceled. */
  #cancel(intent: Kept): Answer {
    if (intent.status === 'succeeded' || intent.status === 'canceled' || intent.received > 0) return unexpected(intent);
    intent.status = 'canceled';
    return { status: 200, body: shown(intent) };
  }

  #refund(body: URLSearchParams): Answer {
    const intent = this.#intents.get(body.get('payment_intent') ?? '');
    const amount = Number(body.get('amount'));
    if (!intent) return missing('');
    if (amount > intent.received - intent.refunded)
      return failed('invalid_request_error', 400, { code: 'amount_too_large' });
    intent.refunded += amount;
    const { id: payment_intent, currency } = intent;
    const id = `re_${this.#refunds.length + 1}`;
    const refund = { id, amount, currency, payment_intent, status: 'succeeded', metadata: metadataIn(body) };
    this.#refunds.push(refund);
    return { status: 200, body: refund };
  }
}

const shown = ({ id, amount, received, status, currency, metadata, inParts }: Kept): Json => ({
  id,
  object: 'payment_intent',
  amount,
  amount_received: received,
  amount_capturable: status === 'requires_capture' ? amount - received : 0,
  currency,
  status,
  metadata: { ...metadata },
  cancellation_reason: null,
  last_payment_error: null,
  next_action: status === 'requires_action' ? { redirect_to_url: { url: 'https://hooks.stripe.test/3d' } } : null,
  latest_charge: {
    id: `ch_${id}`,
    payment_method_details: { card: { multicapture: { status: inParts ? 'available' : 'unavailable' } } },
  },
});

const list = (data: readonly Json[]): Answer => ({ status: 200, body: { object: 'list', data, has_more: false } });
const failed = (type: string, status: number, more: Json): Answer => ({ status, body: { error: { type, ...more } } });
const missing = (id: string): Answer =>
  failed('invalid_request_error', id.startsWith('pm_') ? 400 : 404, {
    code: 'resource_missing',
    message: `No such ${id}`,
  });
const unexpected = ({ status }: Kept): Answer =>
  failed('invalid_request_error', 400, { code: 'payment_intent_unexpected_state', message: `It is ${status}.` });

const metadataIn = (body: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...body].flatMap(([field, value]) => {
      const name = /^metadata\[(.+)\]$/.exec(field)?.[1];
      return name === undefined ? [] : [[name, value]];
    }),
  );
