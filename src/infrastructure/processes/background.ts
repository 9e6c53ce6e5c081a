import { collectionOf } from '../../application/ports/view-store.js';
import { projections } from '../../projections/index.js';
import type { Config } from '../config/config.js';
import type { Followed } from '../follower/intake.js';
import { publicEventsFollower } from '../messaging/event-publisher.js';
import { providerEventsFollower } from './provider-events.js';

type Settings = Pick<Config, 'nats' | 'stripe'>;

/** Followers that keep no view: what they do cannot be made anew, only done from the log's beginning again. */
export const EFFECTS: readonly Followed[] = [providerEventsFollower, publicEventsFollower];

/** The names of all sweeps, which are those of their leases. */
export const SWEEPS = [
  'fulfilments@1',
  'payment-requests@1',
  'provider-notices@1',
  'reservation-expiries@1',
  'transfer-arrivals@1',
] as const;

/** Those of the followers without a view that are at work with these settings. */
export const effectsWith = ({ nats }: Settings): readonly Followed[] =>
  EFFECTS.filter((effect) => effect !== publicEventsFollower || nats !== undefined);

/** The sweeps that are at work with these settings: what Stripe has to tell comes as webhooks. */
export const sweepsWith = ({ stripe }: Settings): readonly string[] =>
  SWEEPS.filter((sweep) => sweep !== 'provider-notices@1' || stripe === undefined);

/** Everything that the projector does with these settings, by the names of the leases: views, effects, sweeps. */
export const backgroundWith = (settings: Settings): readonly string[] => [
  ...[...projections, ...effectsWith(settings)].map(collectionOf),
  ...sweepsWith(settings),
];
