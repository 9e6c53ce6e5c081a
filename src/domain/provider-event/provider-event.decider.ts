import { assertNever, CorruptHistory, yes, type Asked, type Decider } from '../decider.js';
import type { ProviderEvent } from './provider-event.events.js';

export type ProviderEventCommand = Asked<'ReceiveProviderEvent', ProviderEvent['data']>;
export type ProviderEventState = Readonly<{ status: 'none' | 'received' }>;

/** What a provider tells is written down once, by its own id of the event; told again, it is there. */
export const providerEvent: Decider<ProviderEventCommand, ProviderEventState, ProviderEvent, never> = {
  initial: { status: 'none' },
  decide: ({ data }, { status }) => (status === 'received' ? yes() : yes({ type: 'ProviderEventReceived', data })),
  evolve: ({ status }, event) => {
    if (event.type !== 'ProviderEventReceived') return assertNever(event.type);
    if (status === 'received') throw new CorruptHistory('ProviderEventReceived twice');
    return { status: 'received' };
  },
};
