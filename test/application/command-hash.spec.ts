import { describe, expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson, commandHash } from '../../src/application/command-hash.js';

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('the canonical command', () => {
  test('is what RFC 8785 says, wherever both are defined', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
    );
  });

  test('does not depend on the order of fields, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: 1, a: [true, undefined === null], c: undefined })).toBe('{"a":[true,false],"b":1}');
    expect(commandHash({ b: 1, a: 2 })).toBe(commandHash({ a: 2, b: 1 }));
    expect(commandHash({ a: 1 })).not.toBe(commandHash({ a: 2 }));
  });

  test('writes a bigint as decimal text, exactly', () => {
    expect(canonicalJson({ minor: 9_007_199_254_740_993n })).toBe('{"minor":"9007199254740993"}');
  });

  test.each([0.1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, Symbol('x'), () => 1, undefined])(
    'refuses %p, which has no fixed meaning',
    (value) => {
      expect(() => canonicalJson([value])).toThrow(TypeError);
    },
  );

  test('has a hash of 43 characters that never changes', () => {
    expect(commandHash({ type: 'ConfirmOrder', data: { orderId: '536365' } })).toBe(
      'qEVIamc6Kg5wzCbFq9H-Zk3piIFeJUwqrkxFA8oOef8',
    );
  });
});
