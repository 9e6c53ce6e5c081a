import type { Fact } from '../fact.js';
import type { CustomerId } from '../order/order.events.js';

/**
 * Ciphertext of one personal field, made and read by the application (docs/adr/0019). Nothing here looks into it.
 * It is good on its own stream, in its own field and under its subject's key only.
 */
export type Sealed = string;

/** What says who somebody is. In events it is only ever ciphertext. */
export const PERSONAL_FIELDS = ['name', 'email', 'phone', 'addresses'] as const;
export type PersonalField = (typeof PERSONAL_FIELDS)[number];
export type SealedFields = Readonly<{ [Field in PersonalField]?: Sealed }>;

/** What many share, in the clear: figures are counted by it, and it outlives an erasure. */
export const OPEN_FIELDS = ['country', 'language', 'segment'] as const;
export type OpenField = (typeof OPEN_FIELDS)[number];
/**
 * `country`   as the shop writes it, as on orders
 * `language`  a language tag of BCP 47: `en`, `de-AT`
 * `segment`   the shop's own word for a group of customers: `wholesale`
 */
export type OpenFields = Readonly<{ [Field in OpenField]?: string }>;

export type CustomerField = PersonalField | OpenField;

/**
 * Why somebody was erased: the grounds of Article 17(1) GDPR, (a) to (e). One of a few words and never free text, which
 * would name the person that it is about.
 */
export const ERASURE_REASONS = [
  'no-longer-needed',
  'consent-withdrawn',
  'objection',
  'unlawful-processing',
  'legal-obligation',
] as const;
export type ErasureReason = (typeof ERASURE_REASONS)[number];

/**
 * Facts on one `customer-{customerId}` stream, oldest first. Nothing follows `CustomerErased`.
 * `personal`  the fields that were set; empty where none were
 * `cleared`   fields that have no value any more
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type CustomerEvent =
  | Fact<'CustomerRegistered', { customerId: CustomerId; personal: SealedFields } & OpenFields>
  | Fact<
      'CustomerChanged',
      { customerId: CustomerId; personal: SealedFields; cleared?: readonly CustomerField[] } & OpenFields
    >
  | Fact<'CustomerErased', { customerId: CustomerId; reason: ErasureReason }>;
