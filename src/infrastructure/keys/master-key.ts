import { hkdfSync, randomBytes } from 'node:crypto';
import { decrypt, encrypt } from '../../application/customer/field-cipher.js';

/** 32 random bytes that are kept apart from the key file, and under which every secret in it is wrapped. */
export type MasterKey = Buffer;
export const SECRET_BYTES = 32;
const NONCE_BYTES = 12;
/** Nonce, ciphertext and tag. Secrets that are under no master key take as much room, so that putting them under one,
 *  or destroying them, writes over every byte where it stands. */
export const WRAPPED_BYTES = NONCE_BYTES + SECRET_BYTES + 16;

/** Base64 of 32 bytes, as `openssl rand -base64 32` writes it; `undefined` for anything else. */
export function parseMasterKey(text: string): MasterKey | undefined {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  return bytes.length === SECRET_BYTES && bytes.toString('base64') === trimmed ? bytes : undefined;
}

/** Tells one master key from another, and says nothing of it: 16 bytes. */
export const fingerprintOf = (master: MasterKey): Buffer => derived(master, 'fingerprint', 16);

/** AES-256-GCM under a key for this use alone, a fresh nonce each time, bound to whose secret it is. */
export function wrap(master: MasterKey | undefined, whose: string, secret: Buffer): Buffer {
  if (!master) return Buffer.concat([Buffer.alloc(NONCE_BYTES), secret, Buffer.alloc(16)]);
  const nonce = randomBytes(NONCE_BYTES);
  return Buffer.concat([nonce, encrypt(derived(master, 'wrap', 32), nonce, boundTo(whose), secret)]);
}

/** @throws an error of node:crypto where it was wrapped for somebody else, under another key, or changed */
export function unwrap(master: MasterKey | undefined, whose: string, wrapped: Buffer): Buffer {
  if (!master) return Buffer.from(wrapped.subarray(NONCE_BYTES, NONCE_BYTES + SECRET_BYTES));
  const nonce = wrapped.subarray(0, NONCE_BYTES);
  return decrypt(derived(master, 'wrap', 32), nonce, boundTo(whose), wrapped.subarray(NONCE_BYTES));
}

const derived = (master: MasterKey, purpose: 'wrap' | 'fingerprint', length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', master, '', `commerce-ledger master ${purpose}`, length));

const boundTo = (whose: string): Buffer => Buffer.from(`commerce-ledger secret\n${whose}`, 'utf8');
