import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decrypt,
  encrypt,
  FieldUnreadable,
  keyedDigest,
  seal,
  unseal,
  type Place,
} from '../../src/application/customer/field-cipher.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, as submitted to NIST: test cases 13, 14, 15 and 16. */
const KEY = 'feffe9928665731c6d6a8f9467308308'.repeat(2);
const PLAIN =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
  '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255';
const CIPHER =
  '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
  '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad';
const VECTORS = [
  ['13', '00'.repeat(32), '00'.repeat(12), '', '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
  [
    '14',
    '00'.repeat(32),
    '00'.repeat(12),
    '',
    '00'.repeat(16),
    'cea7403d4d606b6e074ec5d3baf39d18',
    'd0d1c8a799996bf0265b98b5d48ab919',
  ],
  ['15', KEY, 'cafebabefacedbaddecaf888', '', PLAIN, CIPHER, 'b094dac5d93471bdec1a502270e3cc6c'],
  [
    '16',
    KEY,
    'cafebabefacedbaddecaf888',
    'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    PLAIN.slice(0, 120),
    CIPHER.slice(0, 120),
    '76fc6ece0f4e1768cddf8853bb2d551b',
  ],
] as const;

describe('AES-256-GCM', () => {
  test.each(VECTORS)('test case %s', (_, key, nonce, bound, plain, cipher, tag) => {
    expect(encrypt(hex(key), hex(nonce), hex(bound), hex(plain)).toString('hex')).toBe(cipher + tag);
    expect(decrypt(hex(key), hex(nonce), hex(bound), hex(cipher + tag)).toString('hex')).toBe(plain);
  });
});

const key = { version: 1, secret: Buffer.alloc(32, 7) };
const place: Place = { stream: 'customer-cus_1', field: 'email' };
const reasonOf = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof FieldUnreadable) return error.reason;
    throw error;
  }
  return 'readable';
};

describe('a sealed field', () => {
  test('reads as it was, whatever the text, and is sealed otherwise each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sealed = seal(key, place, text);
        expect(unseal(key, place, sealed)).toBe(text);
        expect(seal(key, place, text)).not.toBe(sealed);
        expect(sealed).toMatch(/^1\.1\.[A-Za-z0-9_-]+$/);
      }),
    );
  });

  test('goes on being read: the form, the binding and the derivation of keys are stored for ever', () => {
    const stored = '1.1.AAECAwQFBgcICQoLRul2X0RnpvQxRpWg2wMzQ7v8I0mjNZD5SDiYWUQM8A';
    expect(unseal(key, place, stored)).toBe('ada@example.org');
  });

  test('cannot be moved to another stream or field, nor read under another key', () => {
    const sealed = seal(key, place, 'ada@example.org');
    expect(reasonOf(() => unseal(key, { ...place, stream: 'customer-cus_2' }, sealed))).toBe('tampered');
    expect(reasonOf(() => unseal(key, { ...place, field: 'name' }, sealed))).toBe('tampered');
    expect(reasonOf(() => unseal({ version: 1, secret: Buffer.alloc(32, 8) }, place, sealed))).toBe('tampered');
    expect(reasonOf(() => unseal({ ...key, version: 2 }, place, sealed))).toBe('other-key');
    expect(reasonOf(() => unseal({ ...key, version: 2 }, place, sealed.replace('1.1.', '1.2.')))).toBe('tampered');
  });

  test('is refused when any bit of it is flipped, when it is cut, and when it is none', () => {
    const sealed = seal(key, place, 'ada');
    const bytes = Buffer.from(sealed.slice(4), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(reasonOf(() => unseal(key, place, `1.1.${flipped.toString('base64url')}`))).toBe('tampered');
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(reasonOf(() => unseal(key, place, sealed.slice(0, length)))).toMatch(/malformed|tampered/);
    }
    for (const text of ['', '2.1.AAAA', `${sealed}=`, `${sealed}\n`, ` ${sealed}`, 'ada@example.org']) {
      expect(reasonOf(() => unseal(key, place, text))).toBe('malformed');
    }
  });

  test('says nothing of itself in an error', () => {
    const sealed = seal(key, place, 'ada@example.org');
    expect(() => unseal(key, { ...place, field: 'name' }, sealed)).toThrow(
      /^name of customer-cus_1 cannot be read: tampered$/,
    );
  });
});

test('a keyed digest is the same for the same content under the same key, and for nothing else', () => {
  const digest = keyedDigest(key, { name: 'Ada', email: 'ada@example.org' });
  expect(keyedDigest(key, { email: 'ada@example.org', name: 'Ada' })).toBe(digest);
  expect(keyedDigest(key, { email: 'ada@example.org', name: 'Bob' })).not.toBe(digest);
  expect(keyedDigest({ ...key, secret: Buffer.alloc(32, 8) }, { email: 'ada@example.org', name: 'Ada' })).not.toBe(
    digest,
  );
  expect(digest).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
