import type { Customer } from '../../../src/application/customer/customers.query.js';
import type { CustomerBody } from './customer.dto.js';

/** A customer as the API shows it: personal fields in the clear, unless erased. Absent fields stay absent. */
export const presentCustomer = ({ known: { addresses, ...known }, ...customer }: Customer): CustomerBody => ({
  object: 'customer',
  id: customer.customerId,
  erased: customer.isErased,
  ...(customer.erased && { erasureReason: customer.erased.reason, erasedAt: customer.erased.at }),
  ...known,
  ...(addresses && { addresses: [...addresses] }),
  ...(customer.country !== undefined && { country: customer.country }),
  ...(customer.language !== undefined && { language: customer.language }),
  ...(customer.segment !== undefined && { segment: customer.segment }),
  registeredAt: customer.registeredAt,
  changedAt: customer.changedAt,
  revision: customer.revision,
});
