import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { PersonalField, Sealed } from '../../domain/customer/customer.events.js';
import { canonicalJson } from '../command-hash.js';
import type { SubjectKey } from '../ports/key-store.js';

/** Where a sealed value belongs: it cannot be read anywhere else. */
export type Place = Readonly<{ stream: string; field: PersonalField }>;

/**
 * A sealed value cannot be read. Says nothing of what it holds.
 * `malformed`   not of the form below, or cut
 * `other-key`   sealed under another version of the subject's key
 * `tampered`    changed, moved from another stream or field, or sealed under another key
 */
export class FieldUnreadable extends Error {
  override readonly name = 'FieldUnreadable';
  constructor(
    readonly place: Place,
    readonly reason: 'malformed' | 'other-key' | 'tampered',
    options?: ErrorOptions,
  ) {
    super(`${place.field} of ${place.stream} cannot be read: ${reason}`, options);
  }
}

const FORMAT = '1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** `<format>.<key version>.<base64url of nonce, ciphertext and tag>` */
const SEALED = /^1\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]+)$/;

/** Seals one value: AES-256-GCM, a fresh random nonce of 96 bits, bound to its place and the version of the key. */
export function seal(key: SubjectKey, place: Place, plaintext: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const box = encrypt(purposeKey(key, 'seal'), nonce, boundTo(place, key.version), Buffer.from(plaintext, 'utf8'));
  return `${FORMAT}.${key.version}.${Buffer.concat([nonce, box]).toString('base64url')}`;
}

/** @throws FieldUnreadable */
export function unseal(key: SubjectKey, place: Place, sealed: Sealed): string {
  const [, version, text = ''] = SEALED.exec(sealed) ?? [];
  const bytes = Buffer.from(text, 'base64url');
  // A decoder passes over bits that encode nothing; only one text stands for a value.
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) {
    throw new FieldUnreadable(place, 'malformed');
  }
  if (version !== String(key.version)) throw new FieldUnreadable(place, 'other-key');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  try {
    const secret = purposeKey(key, 'seal');
    return decrypt(secret, nonce, boundTo(place, key.version), bytes.subarray(NONCE_BYTES)).toString('utf8');
  } catch (cause) {
    throw new FieldUnreadable(place, 'tampered', { cause });
  }
}

/**
 * Stands for what a client asked where it would be hashed: HMAC-SHA-256 under the subject's key, base64url. Without the
 * key nobody can test a guess against it, so an erasure takes the meaning of stored hashes along.
 */
export const keyedDigest = (key: SubjectKey, asked: unknown): string =>
  createHmac('sha256', purposeKey(key, 'digest')).update(canonicalJson(asked)).digest('base64url');

/** Ciphertext followed by the tag (NIST SP 800-38D). */
export function encrypt(key: Buffer, nonce: Buffer, bound: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @throws an error of node:crypto where `box`, the nonce, what it is bound to or the key is not the one it was made of */
export function decrypt(key: Buffer, nonce: Buffer, bound: Buffer, box: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound);
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(box.subarray(0, -TAG_BYTES)), decipher.final()]);
}

/** One secret per subject, one key per use of it (HKDF, RFC 5869). */
const purposeKey = ({ secret }: SubjectKey, purpose: 'seal' | 'digest'): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `commerce-ledger ${purpose}`, 32));

/** Neither a stream nor a field holds a line break, so no two places read the same. */
const boundTo = ({ stream, field }: Place, version: number): Buffer =>
  Buffer.from(`commerce-ledger field\n${FORMAT}\n${version}\n${stream}\n${field}`, 'utf8');
