import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { fromBson, keyOf, toBson, type BsonDocument } from '../../src/infrastructure/view-store/mongo/bson-document.js';
import { encodeDocument } from '../../src/infrastructure/view-store/stored-document.js';
import type { Stored, ViewDefinition } from '../../src/projections/projection.js';

type Note = Readonly<{ _id: string; body?: unknown; rank?: string }>;
const notes: ViewDefinition<Note> = {
  name: 'notes',
  version: 1,
  indexes: { byRank: { parts: ['text', 'integer'], of: ({ rank }) => (rank ? ['rank', BigInt(rank)] : undefined) } },
};
const bsonOf = (document: Stored<Note>): Uint8Array =>
  BSON.serialize(toBson(document, encodeDocument(notes, document), ['byRank']), { ignoreUndefined: true });
/** As the driver reads it. */
const read = (bson: Uint8Array) => BSON.deserialize(bson) as BsonDocument;
const note = (fields: object): Stored<Note> => ({ _id: 'a', asOf: 1n, ...fields });
const asJson = (document: Stored<Note>): unknown => {
  const { asOf, ...rest } = document;
  return { ...(JSON.parse(JSON.stringify(rest)) as object), asOf };
};

const names = fc.oneof(
  fc.constantFrom(
    '',
    '$set',
    'a.b',
    '__proto__',
    '_bsontype',
    'toBSON',
    'constructor',
    'length',
    '0',
    '_id',
    '_keys',
    '_json',
    'asOf',
    'é',
  ),
  fc.string().filter((name) => !name.includes('\0')),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.constantFrom(-0, 0, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER),
    fc.array(tie('json')),
    fc.dictionary(names, tie('json')),
  ),
}));

test('whatever JSON a document holds comes back as it was', () => {
  const documents = fc.record({
    _id: fc.constant('a'),
    asOf: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    body: json,
  });
  fc.assert(
    fc.property(
      documents,
      fc.dictionary(
        names.filter((name) => !['_id', 'asOf', 'rank'].includes(name)),
        json,
      ),
      (document, more) => {
        const whole = { ...document, ...more };
        expect(fromBson(read(bsonOf(whole)))).toEqual(asJson(whole));
      },
    ),
    { numRuns: 500 },
  );
});

test('a document is readable in MongoDB: its own fields, decimal strings as they are', () => {
  const document = note({ rank: '7', net: { minor: '123456789012345678901', currency: 'GBP' }, count: 3 });
  expect(read(bsonOf(document))).toEqual({
    _id: 'a',
    asOf: 1,
    rank: '7',
    net: { minor: '123456789012345678901', currency: 'GBP' },
    count: 3,
    _keys: { byRank: { p0: 'rank', p1: 7 } },
  });
});

test('no number is stored as a double', () => {
  const body = [0, -0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  const stored = BSON.deserialize(bsonOf(note({ body, rank: '1', asOf: 5n })), { promoteValues: false });
  const types = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(types);
    if (typeof value !== 'object' || value === null) return [typeof value];
    return '_bsontype' in value ? [String(value._bsontype)] : Object.values(value).flatMap(types);
  };
  expect(new Set(types(stored))).toEqual(new Set(['string', 'Int32', 'Long']));
  expect(fromBson(read(bsonOf(note({ body }))))).toEqual(
    note({ body: body.map((value) => (value === 0 ? 0 : value)) }),
  );
});

test.each(['0', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808'])(
  'an integer key of %s comes back exactly',
  (rank) => {
    expect(keyOf(read(bsonOf(note({ rank }))), 'byRank', 2)).toEqual(['rank', BigInt(rank)]);
  },
);

test('a document without a key of an index has none', () => {
  expect(read(bsonOf(note({})))._keys).toEqual({});
});

describe('kept as JSON text, where BSON or a server would not keep it', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  test.each<[string, object]>([
    ['a dot in a name', { body: { 'a.b': 1 } }],
    ['a leading dollar', { body: { $set: 1 } }],
    ['an empty name', { body: { '': 1 } }],
    ['a name of the driver', { body: { _bsontype: 'Long' } }],
    ['our own names', { _keys: 1 }],
    ['97 levels', { body: nested(97) }],
    ['more than a MiB', { body: 'x'.repeat(1_048_577) }],
  ])('%s', (_, fields) => {
    const document = note(fields);
    const bson = bsonOf(document);
    expect(read(bson)._json).toBeDefined();
    expect(fromBson(read(bson))).toEqual(document);
  });

  test('what takes most room in BSON stays far below what a server takes', () => {
    const document = note({ body: new Array(524_000).fill(0) }); // 1 MiB of JSON
    expect(read(bsonOf(document))._json).toBeUndefined();
    expect(bsonOf(document).length).toBeLessThan(12_000_000);
  });
});
