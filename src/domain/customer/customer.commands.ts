import type { Asked } from '../decider.js';
import type { CustomerId } from '../order/order.events.js';
import type { CustomerField, ErasureReason, OpenFields, SealedFields } from './customer.events.js';

/**
 * Personal fields come sealed: a decision never sees what they say.
 * `cleared`  fields to be emptied, each once and none that is set
 */
export type CustomerCommand =
  | Asked<'RegisterCustomer', { customerId: CustomerId; personal: SealedFields } & OpenFields>
  | Asked<
      'ChangeCustomer',
      { customerId: CustomerId; personal: SealedFields; cleared?: readonly CustomerField[] } & OpenFields
    >
  | Asked<'EraseCustomer', { customerId: CustomerId; reason: ErasureReason }>;

export type CustomerRejection = Readonly<
  | { code: 'customer-unknown' | 'customer-already-registered' | 'customer-erased' | 'customer-change-empty' }
  | { code: 'customer-field-repeated'; field: CustomerField }
>;
