import { assertNever, CorruptHistory, no, yes, type Decider, type Decision } from '../decider.js';
import type { CustomerCommand, CustomerRejection } from './customer.commands.js';
import { OPEN_FIELDS, PERSONAL_FIELDS, type CustomerEvent } from './customer.events.js';

/** No field is kept, so no cache of states holds anything personal, not even sealed. */
export type CustomerState = Readonly<{ status: 'none' | 'registered' | 'erased' }>;

type Data<T extends CustomerCommand['type']> = Extract<CustomerCommand, { type: T }>['data'];
type Answer = Decision<CustomerEvent, CustomerRejection>;

/** An id is never given twice, also not after an erasure: orders go on naming it. */
function register(data: Data<'RegisterCustomer'>, { status }: CustomerState): Answer {
  if (status === 'erased') return no({ code: 'customer-erased' });
  if (status === 'registered') return no({ code: 'customer-already-registered' });
  return yes({ type: 'CustomerRegistered', data });
}

/** What is so already is recorded, too: sealed values cannot be compared, and a repetition must find its first command. */
function change(data: Data<'ChangeCustomer'>, { status }: CustomerState): Answer {
  if (status === 'none') return no({ code: 'customer-unknown' });
  if (status === 'erased') return no({ code: 'customer-erased' });
  const { cleared = [], personal } = data;
  const named = [
    ...PERSONAL_FIELDS.filter((field) => personal[field] !== undefined),
    ...OPEN_FIELDS.filter((field) => data[field] !== undefined),
    ...cleared,
  ];
  const repeated = named.find((field, index) => named.indexOf(field) < index);
  if (repeated !== undefined) return no({ code: 'customer-field-repeated', field: repeated });
  if (named.length === 0) return no({ code: 'customer-change-empty' });
  return yes({ type: 'CustomerChanged', data });
}

/** Erasing what is erased is nothing to record. */
function erase(data: Data<'EraseCustomer'>, { status }: CustomerState): Answer {
  if (status === 'none') return no({ code: 'customer-unknown' });
  return status === 'erased' ? yes() : yes({ type: 'CustomerErased', data });
}

export const customer: Decider<CustomerCommand, CustomerState, CustomerEvent, CustomerRejection> = {
  initial: { status: 'none' },
  decide: (command, state) => {
    switch (command.type) {
      case 'RegisterCustomer':
        return register(command.data, state);
      case 'ChangeCustomer':
        return change(command.data, state);
      case 'EraseCustomer':
        return erase(command.data, state);
      default:
        return assertNever(command);
    }
  },
  evolve: ({ status }, event) => {
    switch (event.type) {
      case 'CustomerRegistered':
        if (status !== 'none') throw new CorruptHistory(`CustomerRegistered on a customer that is ${status}`);
        return { status: 'registered' };
      case 'CustomerChanged':
      case 'CustomerErased':
        if (status !== 'registered') throw new CorruptHistory(`${event.type} on a customer that is ${status}`);
        return { status: event.type === 'CustomerErased' ? 'erased' : 'registered' };
      default:
        return assertNever(event);
    }
  },
};
