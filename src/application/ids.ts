import { hash } from 'node:crypto';

/** Namespace of our event ids, a random UUID of 2026; it never changes. */
const EVENT_NAMESPACE = Buffer.from('b3c6d3f06a534f0e9a570c1f5a7c2f6e', 'hex');

/** The id of the `index`th event (0, 1, …) that a command writes to a stream: UUIDv5, so a repeated append is recognised. */
export const eventId = (stream: string, commandId: string, index: number): string =>
  uuid5(`${stream}\n${commandId}\n${index}`, EVENT_NAMESPACE);

/** UUIDv5 of a name (RFC 9562, section 5.5). As `v5` of the package uuid, in a fifth of its time, and every event needs one. */
function uuid5(name: string, namespace: Buffer): string {
  const hex = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * An id minted for what a command creates: `<prefix>_` and a UUID derived from the command id, so that a repeated
 * request names the same thing without anything being looked up.
 * A UUIDv7 as command id passes its time on (its first 48 bits), which keeps new streams together in every index; any
 * other command id gives an evenly spread id. The form is UUIDv8 (RFC 9562, section 5.8).
 */
export function mintedId(prefix: string, commandId: string): string {
  const digest = hash('sha256', `${prefix}\n${commandId}`, 'hex');
  const head = UUID_V7.test(commandId) ? commandId.slice(0, 13).replace('-', '').toLowerCase() : digest.slice(32, 44);
  const variant = ((Number.parseInt(digest.charAt(3), 16) & 0x3) | 0x8).toString(16);
  return `${prefix}_${head.slice(0, 8)}-${head.slice(8)}-8${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}

export const customerIdFor = (commandId: string): string => mintedId('cus', commandId);
export const orderIdFor = (commandId: string): string => mintedId('ord', commandId);
export const returnIdFor = (commandId: string): string => mintedId('ret', commandId);
export const paymentIdFor = (commandId: string): string => mintedId('pay', commandId);
export const refundIdFor = (commandId: string): string => mintedId('rf', commandId);
export const creditNoteIdFor = (commandId: string): string => mintedId('cn', commandId);
export const journalIdFor = (commandId: string): string => mintedId('jrn', commandId);
export const operationIdFor = (commandId: string): string => mintedId('op', commandId);
export const reservationIdFor = (commandId: string): string => mintedId('rsv', commandId);
