import type { CustomerEvent } from '../domain/customer/customer.events.js';
import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import { customersView, type CustomerDocument } from './customers.view.js';
import type { Projection } from './projection.js';

type CustomerChange = Readonly<{ id: string; event: Recorded<CustomerEvent> }>;
type Event<Type extends CustomerEvent['type']> = Extract<Recorded<CustomerEvent>, { type: Type }>;

/** Customers as they are now. What was sealed is left out of the document when the customer is erased. */
export const customers: Projection<CustomerDocument, CustomerChange, CustomerEvent> = {
  ...customersView,
  types: ['CustomerRegistered', 'CustomerChanged', 'CustomerErased'],
  changes: (event) => [{ id: event.data.customerId, event }],
  apply: (document, { id, event }) => {
    switch (event.type) {
      case 'CustomerRegistered':
        if (document) throw new CorruptHistory(`CustomerRegistered on ${id}, which is there`);
        return { _id: id, ...event.data, registeredAt: event.metadata.occurredAt, ...latest(event) };
      case 'CustomerChanged':
        return { ...changed(present(document, event), event), ...latest(event) };
      case 'CustomerErased': {
        const { occurredAt: at } = event.metadata;
        return {
          ...present(document, event),
          personal: {},
          erased: { at, reason: event.data.reason },
          ...latest(event),
        };
      }
      default:
        return assertNever(event);
    }
  },
};

function changed(document: CustomerDocument, { data }: Event<'CustomerChanged'>): CustomerDocument {
  const { personal, cleared = [], ...open } = data;
  const without = <T extends object>(fields: T): T =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => !cleared.some((field) => field === name))) as T;
  return { ...without({ ...document, ...open }), personal: without({ ...document.personal, ...personal }) };
}

const latest = ({ metadata, revision }: Recorded<CustomerEvent>) => ({
  changedAt: metadata.occurredAt,
  revision: revision.toString(),
});

function present(document: CustomerDocument | undefined, { type, stream }: Recorded<CustomerEvent>): CustomerDocument {
  if (!document || document.erased)
    throw new CorruptHistory(`${type} on ${stream}, which is ${document ? 'erased' : 'not there'}`);
  return document;
}
