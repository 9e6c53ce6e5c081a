import type { CustomerRejection } from '../../../src/domain/customer/customer.commands.js';
import type { Rows } from './row.js';

export const customerRows = {
  'customer-unknown': {
    status: 404,
    title: 'No such customer',
    meaning: 'No customer has been registered under this id.',
    remedy: 'Check the id against the answer to the command that registered the customer.',
    example: {},
  },
  'customer-already-registered': {
    status: 409,
    title: 'Customer is already registered',
    meaning: 'The id belongs to a customer that was registered before. An id is never given twice.',
    remedy: 'Change the customer that is registered, or use another id.',
    example: {},
  },
  'customer-erased': {
    status: 409,
    title: 'Customer is erased',
    meaning: 'The personal data of the customer were erased, for ever. Nothing can be added under this id.',
    remedy: 'Register who comes back under a new id.',
    example: {},
  },
  'customer-change-empty': {
    status: 422,
    title: 'Nothing to change',
    meaning: 'The request names no field to set or to empty.',
    remedy: 'Name at least one field.',
    example: {},
  },
  'customer-field-repeated': {
    status: 422,
    title: 'A field is named twice',
    meaning: 'The request sets a field and empties it, or empties it twice.',
    remedy: 'Name each field once.',
    example: { field: 'phone' },
    detail: ({ field }) => `${field} is named more than once.`,
    errors: ({ field }) => [{ pointer: '/clear', detail: `names ${field}, which is named elsewhere, too` }],
  },
} satisfies Rows<CustomerRejection>;
