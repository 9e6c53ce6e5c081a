import { PERSONAL_FIELDS, type PersonalField, type SealedFields } from '../../domain/customer/customer.events.js';
import { canonicalJson } from '../command-hash.js';
import type { SubjectKey } from '../ports/key-store.js';
import { seal, unseal } from './field-cipher.js';

export type Address = Readonly<{
  line1: string;
  line2?: string;
  postalCode?: string;
  city: string;
  region?: string;
  country: string;
}>;
/** Who somebody is, in the clear: only ever in memory, for as long as a request takes. */
export type PersonalData = Readonly<{ name?: string; email?: string; phone?: string; addresses?: readonly Address[] }>;

/** What an e-mail address is looked for by: mailboxes that differ in case only are one, as far as anybody has seen. */
export const emailKey = (email: string): string => email.normalize('NFKC').toLowerCase();

/** Each field by itself, as canonical JSON. */
export const sealFields = (key: SubjectKey, stream: string, personal: PersonalData): SealedFields =>
  eachField<unknown>(personal, (value, field) => seal(key, { stream, field }, canonicalJson(value)));

/** @throws FieldUnreadable */
export const unsealFields = (key: SubjectKey, stream: string, sealed: SealedFields): PersonalData =>
  eachField<string>(sealed, (value, field): unknown => JSON.parse(unseal(key, { stream, field }, value)));

/** The fields that are there, each made into something else. */
function eachField<T>(
  fields: { readonly [F in PersonalField]?: T },
  make: (value: T, field: PersonalField) => unknown,
) {
  const made = PERSONAL_FIELDS.flatMap((field) => {
    const value = fields[field];
    return value === undefined ? [] : [[field, make(value, field)] as const];
  });
  return Object.fromEntries(made) as Record<never, never>;
}
