import { ERASURE_REASONS, type CustomerEvent } from '../../../domain/customer/customer.events.js';
import { pick, publish, type Publications } from '../publication.js';
import { object, oneOf, optional, text } from '../shape.js';
import { country, customerId } from './common.shapes.js';

type Event<Type extends CustomerEvent['type']> = Extract<CustomerEvent, { type: Type }>;

const open = {
  customerId,
  country: optional(country),
  language: optional(text('BCP 47.', 'en')),
  segment: optional(text('The shop’s word for a group of customers.', 'wholesale')),
};

/** Personal fields stay inside, also sealed: whoever may see them asks the API. */
export const customer: Publications<CustomerEvent> = {
  CustomerRegistered: publish<Event<'CustomerRegistered'>>()(
    'ledger.customer.registered.v1',
    'A customer is known.',
    object(open),
    (data) => pick(data, 'customerId', 'country', 'language', 'segment'),
  ),
  CustomerChanged: publish<Event<'CustomerChanged'>>()(
    'ledger.customer.changed.v1',
    'What is known of a customer has changed. Fields that are not personal are named where they have a new value.',
    object(open),
    (data) => pick(data, 'customerId', 'country', 'language', 'segment'),
  ),
  CustomerErased: publish<Event<'CustomerErased'>>()(
    'ledger.customer.erased.v1',
    'The personal data of a customer are gone here, and have to go wherever they were taken.',
    object({ customerId, reason: oneOf('The ground, by Article 17(1) GDPR.', ...ERASURE_REASONS) }),
    (data) => pick(data, 'customerId', 'reason'),
  ),
};
