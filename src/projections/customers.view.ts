import type { ErasureReason, OpenFields, SealedFields } from '../domain/customer/customer.events.js';
import type { Instant } from '../domain/fact.js';
import type { Document, ViewDefinition } from './projection.js';

/**
 * One customer: `_id` is the customer's id.
 * `personal`  ciphertext only, as the events have it; whoever has the view and not the keys reads nothing. Empty once erased
 * `erased`    why and when; the open fields stay, as figures are counted by them
 * `registeredAt`, `changedAt`  business times of the first and of the newest event
 * `revision`  of the newest event on the customer's stream, decimal: the `ETag`
 */
export type CustomerDocument = Document &
  Readonly<{
    customerId: string;
    personal: SealedFields;
    erased?: Readonly<{ at: Instant; reason: ErasureReason }>;
    registeredAt: Instant;
    changedAt: Instant;
    revision: string;
  }> &
  OpenFields;

export const customersView: ViewDefinition<CustomerDocument> = {
  name: 'customers',
  version: 1,
  indexes: {
    /** [registered at] */
    registered: { parts: ['text'], of: (document) => [document.registeredAt] },
  },
};
