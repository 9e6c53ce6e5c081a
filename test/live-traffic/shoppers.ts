import { pause } from '../../src/application/pause.js';
import type { Answer, PatientClient } from './patient-client.js';

/** In pence. A teapot is scarce, the others are not. */
export const PRICES = { CUP: 250, TEA: 125, TEAPOT: 1_000 } as const;
export type Sku = keyof typeof PRICES;
type Line = Readonly<{ sku: Sku; quantity: number }>;

/** What is to be true of an order in the end. */
export type End =
  | 'shipped'
  | 'confirmed'
  | 'cancelled'
  | 'payment-failed'
  | 'insufficient-stock'
  | 'waits for the customer'
  | 'waits for the provider';
/** An order as it was placed, and what is to have become of it. */
export type Told = Readonly<{ story: string; orderId: string; lines: readonly Line[]; end: End }>;

/** The part of an order's fulfilment that shoppers look at. */
type Fulfilment = Readonly<{
  status: string;
  waitsFor?: string;
  rejection?: Readonly<{ code: string }>;
  payments: readonly Readonly<{ captured: Readonly<{ minor: string }>; nextActionUrl?: string }>[];
}>;
/** `paidBy`: of the order; without it the shopper begins the payment. */
type Story = Readonly<{
  lines?: readonly Line[];
  paidBy?: string;
  then: (shopper: Shopper) => Promise<End>;
}>;

const USUAL: readonly Line[] = [
  { sku: 'CUP', quantity: 2 },
  { sku: 'TEA', quantity: 1 },
];
const SCARCE: readonly Line[] = [
  { sku: 'TEAPOT', quantity: 1 },
  { sku: 'CUP', quantity: 1 },
];
const ACCEPTED = 'pm_card_visa';
const ASKING = 'pm_card_threeDSecure2Required';
const ONE_CUP = { lines: [{ line: 1, quantity: 1 }], reason: 'one is enough' };

const ships = async (shopper: Shopper): Promise<End> => {
  await shopper.until('confirmed');
  await shopper.asks('ship', {});
  return 'shipped';
};
const isCancelled = async (shopper: Shopper): Promise<End> => {
  await shopper.asks('cancel', { reason: 'found it elsewhere' });
  return 'cancelled';
};
const fails = async (shopper: Shopper): Promise<End> => {
  await shopper.until('payment-failed');
  return 'payment-failed';
};

/** What shoppers do, and what has to come of it whatever happens to the processes meanwhile. */
export const STORIES: Readonly<Record<string, Story>> = {
  'it ships': { paidBy: ACCEPTED, then: ships },
  'the bank answers late': { paidBy: 'pm_sandbox_late', then: ships },
  'the bank tells everything twice': { paidBy: 'pm_sandbox_double', then: ships },
  'the bank never answers': {
    paidBy: 'pm_sandbox_absent',
    then: async (shopper) => {
      await shopper.until('provider');
      return 'waits for the provider';
    },
  },
  'the bank never answers, and it is cancelled': {
    paidBy: 'pm_sandbox_absent',
    then: async (shopper) => {
      await shopper.until('provider');
      return isCancelled(shopper);
    },
  },
  'the customer approves': {
    paidBy: ASKING,
    then: async (shopper) => {
      await shopper.authenticates('succeeded');
      return ships(shopper);
    },
  },
  'the customer does not approve': {
    paidBy: ASKING,
    then: async (shopper) => {
      await shopper.authenticates('failed');
      return fails(shopper);
    },
  },
  'the customer goes away': {
    paidBy: ASKING,
    then: async (shopper) => {
      await shopper.until('customer');
      return 'waits for the customer';
    },
  },
  'the card is declined': { paidBy: 'pm_card_visa_chargeDeclined', then: fails },
  'the shopper begins the payment': {
    then: async (shopper) => {
      await shopper.until('payment');
      await shopper.pays(ACCEPTED);
      return ships(shopper);
    },
  },
  'nobody ships it': {
    paidBy: ACCEPTED,
    then: async (shopper) => {
      await shopper.until('confirmed');
      return 'confirmed';
    },
  },
  'it is cancelled at once': { paidBy: ACCEPTED, then: isCancelled },
  'it is cancelled when it is confirmed': {
    paidBy: ACCEPTED,
    then: async (shopper) => {
      await shopper.until('confirmed');
      return isCancelled(shopper);
    },
  },
  'a cup is cancelled at once': {
    paidBy: ACCEPTED,
    then: async (shopper) => {
      await shopper.asks('cancel-lines', ONE_CUP);
      return ships(shopper);
    },
  },
  'it ships in parts, and a cup that is paid is cancelled': {
    paidBy: 'pm_card_pendingRefund',
    then: async (shopper) => {
      await shopper.until('confirmed');
      await shopper.asks('ship', { lines: [{ line: 1, quantity: 1 }] }, 'ship-first');
      await shopper.until('money is taken');
      await shopper.asks('cancel-lines', ONE_CUP);
      return ships(shopper);
    },
  },
  'some of it comes back': {
    paidBy: ACCEPTED,
    then: async (shopper) => {
      await ships(shopper);
      const lines = [1, 2].map((line) => ({ line, quantity: 1 }));
      const { body } = await shopper.asks('returns', { lines, reason: 'too small' });
      const received = lines.map((line, n) => ({ ...line, condition: n === 0 ? 'sellable' : 'damaged' }));
      await shopper.asks(`returns/${String(body['id'])}/receive`, { lines: received });
      return 'shipped';
    },
  },
  'it wants what is scarce': {
    lines: SCARCE,
    paidBy: ACCEPTED,
    then: async (shopper) => {
      const came = await shopper.until('confirmed', 'insufficient-stock');
      return came === 'confirmed' ? ships(shopper) : 'insufficient-stock';
    },
  },
};

const PATIENCE_MS = 120_000;
const LOOKS_EVERY_MS = 200;

/** `acknowledged`: the receipt of every command that was accepted, by its key. */
export type ShopperOptions = Readonly<{
  client: PatientClient;
  urls: () => readonly string[];
  passed: () => void;
  acknowledged: Map<string, Answer['body']>;
}>;

/** Somebody who places one order and sees it through, at whatever API there is. */
export class Shopper {
  #orderId = '';
  #lines: readonly Line[] = [];
  #seen: Fulfilment | undefined;

  constructor(
    private readonly name: string,
    private readonly options: ShopperOptions,
  ) {}

  async lives(story: string): Promise<Told> {
    const { lines = USUAL, paidBy, then } = STORIES[story] ?? noStory(story);
    this.#lines = lines;
    const terms = { fulfilFrom: 'main', ...(paidBy === undefined ? {} : { paymentMethod: paidBy }) };
    const { id } = (await this.#command('/v1/orders', 'place', { currency: 'GBP', lines, ...terms })).body;
    this.#orderId = String(id);
    return { story, orderId: this.#orderId, lines, end: await then(this) };
  }

  /** A command about the order. @throws Error it is refused */
  asks(action: string, body: object, name = action): Promise<Answer> {
    return this.#command(`/v1/orders/${this.#orderId}/${action}`, name, body);
  }

  async pays(method: string): Promise<void> {
    const minor = this.#lines.reduce((sum, { sku, quantity }) => sum + PRICES[sku] * quantity, 0);
    const amount = { minor: String(minor), currency: 'GBP' };
    await this.#command('/v1/payments', 'pay', { orderId: this.#orderId, method, ...amount });
  }

  /** Goes where the bank asks the customer to go. */
  async authenticates(outcome: 'succeeded' | 'failed'): Promise<void> {
    await this.until('customer');
    const page = this.#seen?.payments[0]?.nextActionUrl ?? '';
    await this.#command(`${new URL(page, 'http://bank.test').pathname}/complete`, 'authenticate', { outcome });
  }

  /** Waits until one of these is the order's status, why it was rejected, for whom it waits, or `money is taken`; says which. */
  async until(...wanted: readonly string[]): Promise<string> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await pause(LOOKS_EVERY_MS)) {
      const seen = (this.#seen = await this.#look());
      const isTaken = seen?.payments.some(({ captured }) => captured.minor !== '0') === true;
      const facts = [seen?.status, seen?.rejection?.code, seen?.waitsFor, ...(isTaken ? ['money is taken'] : [])];
      const found = facts.find((each) => wanted.includes(each ?? ''));
      if (found !== undefined) return found;
    }
    throw new Error(`${this.#orderId} is never ${wanted.join(' or ')}: ${JSON.stringify(this.#seen)}`);
  }

  /** What any API says of it; `undefined` while none does. */
  async #look(): Promise<Fulfilment | undefined> {
    const urls = this.options.urls();
    const url = urls[Math.floor(Math.random() * urls.length)];
    if (url === undefined) return undefined;
    try {
      const response = await fetch(`${url}/v1/orders/${this.#orderId}/fulfilment`, {
        signal: AbortSignal.timeout(10_000),
      });
      const body: unknown = await response.json();
      return response.ok ? (body as Fulfilment) : undefined;
    } catch (error) {
      // The API was killed. Told by name: the errors of `fetch` are not of this realm.
      if (!['TypeError', 'TimeoutError'].includes((error as Error).name)) throw error;
      return undefined;
    }
  }

  async #command(path: string, name: string, body: object): Promise<Answer> {
    const { client, passed, acknowledged } = this.options;
    const key = `${this.name}-${name}`;
    passed();
    const answer = await client.command(path, key, body);
    if (answer.status >= 300) throw new Error(`${path} under ${key}: ${answer.status} ${JSON.stringify(answer.body)}`);
    if (answer.body['object'] === 'receipt') acknowledged.set(key, answer.body);
    return answer;
  }
}

function noStory(story: string): never {
  throw new Error(`There is no story '${story}'`);
}
