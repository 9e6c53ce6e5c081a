import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '../../src/application/ports/clock.js';
import {
  InvalidQuery,
  LeaseLost,
  MAX_DOCUMENT_BYTES,
  ViewMismatch,
  ViewOfAnotherLog,
  ViewStoreUnavailable,
  ViewWentBack,
  collectionOf,
  type Cursor,
  type Lease,
  type ViewQuery,
  type ViewStore,
} from '../../src/application/ports/view-store.js';
import type { Stored, ViewDefinition } from '../../src/projections/projection.js';

type Book = Readonly<{
  _id: string;
  title: string;
  shelf?: string;
  rank: string;
  tags?: readonly string[];
  extra?: unknown;
}>;
/** Documents as they would be written by a careless fold: only the store stands between them and the file. */
const anyBook = (fields: object): Stored<Book> => ({ title: '', rank: '0', asOf: 1n, ...fields }) as Stored<Book>;

const books: ViewDefinition<Book> = {
  name: 'books',
  version: 1,
  indexes: {
    byTitle: { parts: ['text'], of: ({ title }) => [title] },
    byShelf: {
      parts: ['text', 'integer'],
      of: ({ shelf, rank }) => (shelf === undefined ? undefined : [shelf, BigInt(rank)]),
    },
    byRank: { parts: ['integer'], of: ({ rank }) => [BigInt(rank)] },
  },
};
const book = (_id: string, fields: Partial<Stored<Book>> = {}): Stored<Book> => ({
  _id,
  title: _id,
  rank: '0',
  asOf: 1n,
  ...fields,
});

/** Identities of two logs. */
const LOG = '7a2f7c1e-4a0b-4a8e-9d3f-0b5e8a1c2d3e';
const OTHER_LOG = '0c9d1b52-6f3e-4f4b-8a57-2e1d90c7b6a4';

/** A clock that the suite moves by itself. */
class TestClock implements Clock {
  constructor(private ms = Date.UTC(2030, 0, 1)) {}
  now = (): number => this.ms;
  advance(ms: number): void {
    this.ms += ms;
  }
}

/** One place that holds views: each `open` is a handle of its own on it, as another process would have it. */
export type ViewStorePlace = Readonly<{ open: (clock: Clock) => Promise<ViewStore>; remove: () => Promise<void> }>;

/** What every view store promises, on an empty place per test. */
export function describeViewStore(adapter: string, makePlace: () => Promise<ViewStorePlace>): void {
  describe(`${adapter} as a view store`, () => {
    let place: ViewStorePlace;
    let store: ViewStore;
    let lease: Lease;
    let clock: TestClock;

    const acquired = async (holder: string, from = store, ttlMs = 10_000): Promise<Lease> => {
      const granted = await from.acquireLease(collectionOf(books), holder, ttlMs);
      if (!granted) throw new Error(`${holder} did not get the lease`);
      return granted;
    };
    const put = (checkpoint: bigint, ...documents: Stored<Book>[]) =>
      store.commit(books, { documents, checkpoint }, lease);
    const find = async (query: Partial<ViewQuery> & { index: string }) =>
      (await store.find(books, { limit: 100, ...query })).documents.map(({ _id }) => _id);
    /** Every page of a walk, and what happens between them. */
    const walk = async (query: Omit<ViewQuery, 'after'>, between: () => Promise<void> = () => Promise.resolve()) => {
      const pages: string[][] = [];
      let after: Cursor | undefined;
      do {
        const page = await store.find(books, after ? { ...query, after } : query);
        pages.push(page.documents.map(({ _id }) => _id));
        after = page.next;
        await between();
      } while (after);
      return pages;
    };

    beforeEach(async () => {
      place = await makePlace();
      clock = new TestClock();
      store = await place.open(clock);
      await store.prepare(books, LOG);
      lease = await acquired('first');
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    describe('documents', () => {
      test('an empty view has nothing', async () => {
        expect(await store.get(books, 'none')).toBeUndefined();
        expect(await store.getMany(books, [])).toEqual([]);
        expect(await store.getMany(books, ['none'])).toEqual([]);
        expect(await store.find(books, { index: 'byTitle', limit: 10 })).toEqual({ documents: [] });
        expect(await store.checkpoint(books)).toBeUndefined();
      });

      test('a view that was never prepared reads as an empty one', async () => {
        const other = { ...books, name: 'unprepared' };
        expect(await store.get(other, 'a')).toBeUndefined();
        expect(await store.getMany(other, ['a', 'b'])).toEqual([]);
        expect(await store.find(other, { index: 'byTitle', limit: 10 })).toEqual({ documents: [] });
        expect(await store.checkpoint(other)).toBeUndefined();
        expect(await store.versions('unprepared')).toEqual([]);
      });

      test('a document comes back as it was, down to the last character', async () => {
        const whole = anyBook({
          _id: 'a',
          title: 'Ωmega "quoted" \\ \u0000 \n 😀 é e\u0301',
          rank: '-9223372036854775808',
          asOf: 9223372036854775807n,
          tags: [],
          extra: {
            amount: '123456789012345678901234567890',
            most: Number.MAX_SAFE_INTEGER,
            least: Number.MIN_SAFE_INTEGER,
            nested: [{ a: null, b: [true, false, 0, ''] }],
            $set: 'dollar',
            'a.b': 'dot',
            '': 'empty',
            ['__proto__']: 'own',
            constructor: 'own',
          },
        });
        await put(1n, whole);
        const stored = await store.get(books, 'a');
        expect(stored).toEqual(whole);
        expect(Object.getOwnPropertyDescriptor(stored?.extra, '__proto__')?.value).toBe('own');
        expect((await store.find(books, { index: 'byTitle', limit: 1 })).documents).toEqual([whole]);
        expect(await store.getMany(books, ['a'])).toEqual([whole]);
      });

      test('a field that is undefined is left out', async () => {
        await put(1n, anyBook({ _id: 'a', extra: undefined }));
        expect(Object.keys((await store.get(books, 'a')) ?? {})).not.toContain('extra');
      });

      test.each([
        ['a fraction', { extra: { deep: [1.5] } }],
        ['a number beyond 2^53', { extra: 2 ** 53 }],
        ['not a number', { extra: NaN }],
        ['infinity', { extra: Infinity }],
        ['a bigint', { extra: 1n }],
        ['a date', { extra: new Date(0) }],
        ['a map', { extra: new Map() }],
        ['a function', { extra: () => 1 }],
        ['undefined in an array', { tags: [undefined] }],
        ['a lone surrogate', { title: '\ud800' }],
        ['a field name with NUL', { extra: { 'a\0b': 1 } }],
        ['an empty _id', { _id: '' }],
        ['an _id of 1,025 characters', { _id: 'x'.repeat(1_025) }],
        ['an _id with a lone surrogate', { _id: '\udc00' }],
        ['an _id that is a number', { _id: 7 }],
        ['asOf beyond 64 bits', { asOf: 2n ** 63n }],
        ['asOf that is a number', { asOf: 1 }],
        ['an integer key beyond 64 bits', { rank: '9223372036854775808' }],
        ['a text key that is missing', { title: undefined }],
        ['too much', { title: '', extra: 'é'.repeat(MAX_DOCUMENT_BYTES / 2) }],
        ['too much with its keys', { title: 'x'.repeat(MAX_DOCUMENT_BYTES / 2) }],
      ])('a document with %s is refused, and the whole batch with it', async (_, fields) => {
        await put(1n, book('before'));
        const bad = anyBook({ _id: 'bad', ...fields });
        await expect(put(2n, book('beside'), bad)).rejects.toThrow(RangeError);
        expect(await store.get(books, 'beside')).toBeUndefined();
        expect((await store.checkpoint(books))?.position).toBe(1n);
      });

      test('hostile ids are kept exactly and apart', async () => {
        const ids = [
          ...[
            "'; DROP TABLE books; --",
            '"',
            '`',
            '\\',
            '%',
            '_',
            '*',
            '$where',
            '{"$gt":""}',
            '__proto__',
            'constructor',
          ],
          ...[
            'a',
            'A',
            'á',
            'a\u0301',
            ' a',
            'a ',
            'a\0',
            'a\0b',
            '\n',
            '😀',
            '\uffff',
            '0',
            '00',
            'null',
            'x'.repeat(1_024),
          ],
        ];
        await put(1n, ...ids.map((id, n) => book(id, { title: 'same', rank: `${n}` })));
        for (const [n, id] of ids.entries()) expect((await store.get(books, id))?.rank).toBe(`${n}`);
        const many = await store.getMany(books, ids);
        expect(new Set(many.map(({ _id }) => _id))).toEqual(new Set(ids));
        expect((await walk({ index: 'byTitle', prefix: ['same'], limit: 2 })).flat()).toEqual(inByteOrder(ids));
      });

      test('thousands of ids at once, some of them twice, some without a document', async () => {
        const ids = Array.from({ length: 5_000 }, (_, n) => `id-${n}`);
        await put(1n, ...ids.filter((_, n) => n % 2 === 0).map((id) => book(id)));
        const found = await store.getMany(books, [...ids, ...ids.slice(0, 10)]);
        expect(found).toHaveLength(2_500);
        expect(new Set(found.map(({ _id }) => _id)).size).toBe(2_500);
      });
    });

    describe('queries', () => {
      test('text sorts by its UTF-8 bytes, not by UTF-16 units or a language', async () => {
        const titles = ['', '\0', '\0a', 'A', 'Z', 'a', 'aa', 'b', 'é', 'ﬀ', '\uffff', '😀', '😁', 'e\u0301', 'z', ' '];
        await put(1n, ...titles.map((title, n) => book(`id-${n}`, { title })));
        const found = await store.find(books, { index: 'byTitle', limit: 100 });
        expect(found.documents.map(({ title }) => title)).toEqual(inByteOrder(titles));
      });

      test('integers sort by value, negative ones and those beyond 2^53 included', async () => {
        const ranks = ['-9223372036854775808', '-10', '-9', '0', '9', '10', '9007199254740992', '9007199254740993'];
        const shuffled = [...ranks, '9223372036854775807'].reverse();
        await put(1n, ...shuffled.map((rank, n) => book(`id-${n}`, { rank })));
        const found = await store.find(books, { index: 'byRank', limit: 100 });
        expect(found.documents.map(({ rank }) => rank)).toEqual([...ranks, '9223372036854775807']);
        expect(await find({ index: 'byRank', prefix: [9007199254740993n] })).toEqual(['id-1']);
        const [, second] = await walk({ index: 'byRank', limit: 8 });
        expect(second).toEqual(['id-0']);
      });

      describe('by prefix and range', () => {
        beforeEach(() =>
          put(
            1n,
            book('a1', { shelf: 'a', rank: '1' }),
            book('a2', { shelf: 'a', rank: '2' }),
            book('a2-tie', { shelf: 'a', rank: '2' }),
            book('a3', { shelf: 'a', rank: '3' }),
            book('ab', { shelf: 'ab', rank: '2' }),
            book('b2', { shelf: 'b', rank: '2' }),
            book('unshelved', { rank: '2' }),
          ),
        );

        test.each<[string, Omit<ViewQuery, 'limit'>, string[]]>([
          ['all that have a key', { index: 'byShelf' }, ['a1', 'a2', 'a2-tie', 'a3', 'ab', 'b2']],
          ['one first part, exactly', { index: 'byShelf', prefix: ['a'] }, ['a1', 'a2', 'a2-tie', 'a3']],
          ['a whole key', { index: 'byShelf', prefix: ['a', 2n] }, ['a2', 'a2-tie']],
          ['a range of the second part', { index: 'byShelf', prefix: ['a'], from: 2n, to: 3n }, ['a2', 'a2-tie']],
          ['from', { index: 'byShelf', prefix: ['a'], from: 3n }, ['a3']],
          ['to', { index: 'byShelf', prefix: ['a'], to: 2n }, ['a1']],
          ['a range of the first part', { index: 'byShelf', from: 'ab', to: 'b' }, ['ab']],
          ['an empty range', { index: 'byShelf', prefix: ['a'], from: 3n, to: 3n }, []],
          ['a range that is upside down', { index: 'byShelf', prefix: ['a'], from: 3n, to: 1n }, []],
          ['an unknown key', { index: 'byShelf', prefix: ['c'] }, []],
        ])('%s, both ways', async (_, query, expected) => {
          expect(await find(query)).toEqual(expected);
          expect(await find({ ...query, direction: 'descending' })).toEqual([...expected].reverse());
          for (const limit of [1, 2, 3]) {
            expect((await walk({ ...query, limit })).flat()).toEqual(expected);
            expect((await walk({ ...query, limit, direction: 'descending' })).flat()).toEqual([...expected].reverse());
          }
        });

        test('a document moves when its key changes, and leaves when it has none any more', async () => {
          await put(2n, book('a1', { shelf: 'z', rank: '1', asOf: 2n }), book('a2', { asOf: 2n }));
          expect(await find({ index: 'byShelf' })).toEqual(['a2-tie', 'a3', 'ab', 'b2', 'a1']);
        });
      });

      test('no page is empty but the first, and the last one has no cursor', async () => {
        await put(1n, ...Array.from({ length: 6 }, (_, n) => book(`id-${n}`)));
        expect(await walk({ index: 'byTitle', limit: 3 })).toEqual([
          ['id-0', 'id-1', 'id-2'],
          ['id-3', 'id-4', 'id-5'],
        ]);
      });

      test('what is written between pages before the cursor is not seen, after it is; nothing twice, nothing left out', async () => {
        const ids = Array.from({ length: 10 }, (_, n) => `m${n}`);
        await put(1n, ...ids.map((id) => book(id, { title: 'same' })));
        let round = 1n;
        const between = () => put(++round, book(`a${round}`, { title: 'same' }), book(`z${round}`, { title: 'same' }));
        for (const direction of ['ascending', 'descending'] as const) {
          const seen = (await walk({ index: 'byTitle', limit: 4, direction }, between)).flat();
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.filter((id) => ids.includes(id))).toEqual(direction === 'ascending' ? ids : [...ids].reverse());
        }
      });

      test('a page holds up to 1,000 documents', async () => {
        await put(1n, ...Array.from({ length: 1_001 }, (_, n) => book(`id-${n}`)));
        const page = await store.find(books, { index: 'byTitle', limit: 1_000 });
        expect(page.documents).toHaveLength(1_000);
        expect(page.next).toBeDefined();
      });

      test.each<[string, object]>([
        ['an unknown index', { index: 'byColour' }],
        ['an index named as a property of every object', { index: 'constructor' }],
        ['no limit at all', { limit: 0 }],
        ['a negative limit', { limit: -1 }],
        ['half a document', { limit: 1.5 }],
        ['more than 1,000', { limit: 1_001 }],
        ['a prefix of another type', { prefix: [1n] }],
        ['a prefix with a number', { prefix: ['a', 1] }],
        ['a prefix that is too long', { prefix: ['a', 1n, 'b'] }],
        ['from of another type', { from: 1n }],
        ['to of another type', { prefix: ['a'], to: 'b' }],
        ['a bound beyond the key', { prefix: ['a', 1n], from: 'b' }],
        ['a bound beyond 64 bits', { prefix: ['a'], from: 2n ** 63n }],
        ['a cursor with another key', { after: { key: [1n], id: 'a' } }],
        ['a cursor with a short key', { after: { key: ['a'], id: 'a' } }],
        ['a cursor outside the prefix', { prefix: ['a'], after: { key: ['b', 1n], id: 'a' } }],
        ['a cursor before from', { prefix: ['a'], from: 5n, after: { key: ['a', 1n], id: 'a' } }],
        ['a cursor beyond to', { prefix: ['a'], to: 5n, direction: 'descending', after: { key: ['a', 5n], id: 'a' } }],
        ['a cursor without an id', { after: { key: ['a', 1n], id: '' } }],
      ])('%s is an invalid query', async (_, query) => {
        const asked = { index: 'byShelf', limit: 10, ...query } as ViewQuery;
        await expect(store.find(books, asked)).rejects.toBeInstanceOf(InvalidQuery);
      });
    });

    describe('batches and checkpoints', () => {
      test('documents and checkpoint are there together, with the time of the commit', async () => {
        clock.advance(5_000);
        await put(7n, book('a'), book('b'));
        expect(await store.checkpoint(books)).toEqual({
          position: 7n,
          log: LOG,
          committedAt: '2030-01-01T00:00:05.000Z',
        });
        expect(await store.getMany(books, ['a', 'b'])).toHaveLength(2);
      });

      test('a checkpoint moves alone, beyond 2^53, and never back', async () => {
        await put(9007199254740993n);
        expect((await store.checkpoint(books))?.position).toBe(9007199254740993n);
        await put(9223372036854775807n);
        await put(5n);
        expect((await store.checkpoint(books))?.position).toBe(9223372036854775807n);
      });

      test('a document with the same or a newer asOf stays', async () => {
        await put(5n, book('a', { title: 'five', asOf: 5n }));
        await put(6n, book('a', { title: 'older', asOf: 4n }), book('b', { asOf: 6n }));
        await put(6n, book('a', { title: 'same', asOf: 5n }));
        expect(await store.get(books, 'a')).toMatchObject({ title: 'five', asOf: 5n });
        expect(await find({ index: 'byTitle' })).toEqual(['b', 'a']);
        await put(7n, book('a', { title: 'six', asOf: 6n }));
        expect(await store.get(books, 'a')).toMatchObject({ title: 'six', asOf: 6n });
        expect(await find({ index: 'byTitle', prefix: ['five'] })).toEqual([]);
      });

      test('a batch that is repeated, whole or in part, ends in the same state', async () => {
        const batch = [book('a', { title: 'x', asOf: 3n }), book('b', { title: 'y', asOf: 4n })];
        const together = { documents: batch, checkpoint: 4n };
        await store.commit(books, together, lease);
        const once = await store.find(books, { index: 'byTitle', limit: 10 });
        await store.commit(books, { documents: batch.slice(1), checkpoint: 4n }, lease);
        await store.commit(books, together, lease);
        expect(await store.find(books, { index: 'byTitle', limit: 10 })).toEqual(once);
        expect((await store.checkpoint(books))?.position).toBe(4n);
      });

      test('a batch that goes on from a checkpoint that is not there any more is refused, and changes nothing', async () => {
        const batch = (after: bigint) => ({ documents: [book('a', { asOf: 6n })], checkpoint: 6n, after });
        await expect(store.commit(books, batch(1n), lease)).rejects.toBeInstanceOf(ViewWentBack);
        expect(await store.checkpoint(books)).toBeUndefined();
        await put(4n);
        await expect(store.commit(books, batch(5n), lease)).rejects.toBeInstanceOf(ViewWentBack);
        expect(await store.get(books, 'a')).toBeUndefined();
        expect((await store.checkpoint(books))?.position).toBe(4n);
        await store.commit(books, batch(4n), lease);
        await store.commit(books, batch(4n), lease);
        expect((await store.checkpoint(books))?.position).toBe(6n);
      });

      test('a batch of 20,000 documents', async () => {
        const documents = Array.from({ length: 20_000 }, (_, n) =>
          book(`id-${n}`, { shelf: `s${n % 10}`, rank: `${n}` }),
        );
        await put(1n, ...documents);
        expect(await find({ index: 'byRank', direction: 'descending', limit: 1 })).toEqual(['id-19999']);
        expect((await find({ index: 'byShelf', prefix: ['s3'], limit: 1_000 })).length).toBe(1_000);
      }, 30_000);

      test('commits at once do not mix', async () => {
        const numbers = Array.from({ length: 20 }, (_, n) => n + 1);
        await Promise.all(
          numbers.map((n) => put(BigInt(n), book('a', { title: `${n}`, asOf: BigInt(n) }), book(`id-${n}`))),
        );
        expect(await store.get(books, 'a')).toMatchObject({ title: '20', asOf: 20n });
        expect(
          await store.getMany(
            books,
            numbers.map((n) => `id-${n}`),
          ),
        ).toHaveLength(20);
      });
    });

    describe('collections', () => {
      test('preparing again, twice at once and from another handle keeps what is there', async () => {
        await put(1n, book('a'));
        const other = await place.open(clock);
        await Promise.all([store.prepare(books, LOG), store.prepare(books, LOG), other.prepare(books, LOG)]);
        const fresh = { ...books, name: 'fresh' };
        await Promise.all([store.prepare(fresh, LOG), other.prepare(fresh, LOG)]);
        expect(await other.get(books, 'a')).toMatchObject({ _id: 'a' });
        expect(await store.versions('fresh')).toEqual([1]);
        await other.close();
      });

      test('of another log is refused and stays as it is; dropped, it can be made for that one', async () => {
        await put(1n, book('a'));
        await expect(store.prepare(books, OTHER_LOG)).rejects.toBeInstanceOf(ViewOfAnotherLog);
        expect(await store.checkpoint(books)).toMatchObject({ position: 1n, log: LOG });
        expect(await store.get(books, 'a')).toBeDefined();
        await store.drop('books', 1);
        await store.prepare(books, OTHER_LOG);
        const taken = await store.acquireLease('books@1', 'after the drop', 60_000);
        if (!taken) throw new Error('the lease is free');
        await store.commit(books, { documents: [book('b')], checkpoint: 1n }, taken);
        expect(await store.checkpoint(books)).toMatchObject({ position: 1n, log: OTHER_LOG });
        await expect(store.prepare(books, LOG)).rejects.toBeInstanceOf(ViewOfAnotherLog);
      });

      test('other indexes under the same version are a mismatch, and change nothing', async () => {
        await put(1n, book('a'));
        const { byTitle } = books.indexes;
        const changed: ViewDefinition<Book>[] = [
          { ...books, indexes: { ...books.indexes, extra: { parts: ['text'], of: () => ['x'] } } },
          { ...books, indexes: byTitle ? { byTitle } : {} },
          { ...books, indexes: { ...books.indexes, byTitle: { parts: ['integer'], of: () => [1n] } } },
        ];
        for (const view of changed) await expect(store.prepare(view, LOG)).rejects.toBeInstanceOf(ViewMismatch);
        const [wider] = changed;
        if (!wider) throw new Error('no changed view');
        await expect(store.find(wider, { index: 'extra', limit: 1 })).rejects.toBeInstanceOf(ViewMismatch);
        await store.prepare(books, LOG);
        expect(await store.get(books, 'a')).toBeDefined();
      });

      test.each([
        ['a name with a quote', { name: 'bo"oks' }],
        ['an upper-case name', { name: 'Books' }],
        ['an empty name', { name: '' }],
        ['version 0', { version: 0 }],
        ['version 1.5', { version: 1.5 }],
        ['an index name with a quote', { indexes: { 'a"': { parts: ['text'], of: () => ['x'] } } }],
        ['an index without parts', { indexes: { none: { parts: [], of: () => [] } } }],
      ])('a view with %s is refused', async (_, changed) => {
        await expect(store.prepare({ ...books, ...changed } as ViewDefinition<Book>, LOG)).rejects.toThrow(RangeError);
      });

      test('versions stand side by side, each with its documents, checkpoint and lease', async () => {
        const second = { ...books, version: 2 };
        const tenth = { ...books, version: 10 };
        await store.prepare(tenth, LOG);
        await store.prepare(second, LOG);
        expect(await store.versions('books')).toEqual([1, 2, 10]);
        const itsLease = await store.acquireLease('books@2', 'first', 1_000);
        if (!itsLease) throw new Error('the lease of books@2 is free');
        await put(5n, book('a', { title: 'old' }));
        await store.commit(second, { documents: [book('a', { title: 'new' })], checkpoint: 3n }, itsLease);
        expect(await store.get(books, 'a')).toMatchObject({ title: 'old' });
        expect(await store.get(second, 'a')).toMatchObject({ title: 'new' });
        expect((await store.checkpoint(second))?.position).toBe(3n);
        await expect(store.commit(second, { documents: [], checkpoint: 9n }, lease)).rejects.toThrow(RangeError);
        await store.drop('books', 1);
        expect(await store.versions('books')).toEqual([2, 10]);
        expect(await store.get(second, 'a')).toMatchObject({ title: 'new' });
        expect(await store.lease('books@2')).toMatchObject({ holder: 'first' });
      });

      test('a dropped version is empty at once, for every handle, and begins anew', async () => {
        const other = await place.open(clock);
        await put(5n, book('a', { asOf: 5n }));
        expect(await other.get(books, 'a')).toBeDefined();
        await store.drop('books', 1);
        await store.drop('books', 1);
        await store.drop('never', 1);
        expect(await other.get(books, 'a')).toBeUndefined();
        expect(await other.find(books, { index: 'byTitle', limit: 10 })).toEqual({ documents: [] });
        expect(await other.checkpoint(books)).toBeUndefined();
        expect(await store.lease('books@1')).toBeUndefined();
        await other.prepare(books, LOG);
        lease = await acquired('first');
        await put(1n, book('a', { title: 'again', asOf: 1n }));
        expect(await other.get(books, 'a')).toMatchObject({ title: 'again', asOf: 1n });
        expect((await other.checkpoint(books))?.position).toBe(1n);
        await other.close();
      });
    });

    describe('leases', () => {
      test('one holder at a time; it renews with its epoch, and others wait until it has expired', async () => {
        expect(lease).toEqual({
          follower: 'books@1',
          holder: 'first',
          epoch: lease.epoch,
          expiresAt: '2030-01-01T00:00:10.000Z',
        });
        expect(await store.acquireLease('books@1', 'second', 10_000)).toBeUndefined();
        clock.advance(9_999);
        expect(await store.acquireLease('books@1', 'second', 10_000)).toBeUndefined();
        const renewed = await acquired('first');
        expect(renewed).toEqual({ ...lease, expiresAt: '2030-01-01T00:00:19.999Z' });
        expect(await store.lease('books@1')).toEqual(renewed);
        clock.advance(10_000);
        expect(await store.lease('books@1')).toBeUndefined();
        const stolen = await acquired('second');
        expect(stolen.epoch).toBeGreaterThan(lease.epoch);
        expect(await store.acquireLease('books@1', 'first', 10_000)).toBeUndefined();
      });

      test('a holder that nobody has replaced renews an expired lease with its epoch, and may still commit', async () => {
        clock.advance(60_000);
        await put(1n, book('a'));
        expect((await acquired('first')).epoch).toBe(lease.epoch);
      });

      test('of many that ask at once, through several handles, one gets it', async () => {
        const others = await Promise.all([1, 2, 3].map(() => place.open(clock)));
        const asked = others.flatMap((handle, n) =>
          [1, 2, 3].map((m) => handle.acquireLease('free@1', `holder-${n}-${m}`, 1_000)),
        );
        const granted = (await Promise.all(asked)).filter((answer) => answer !== undefined);
        expect(granted).toHaveLength(1);
        expect(await store.lease('free@1')).toEqual(granted[0]);
        await Promise.all(others.map((handle) => handle.close()));
      });

      test('whoever has lost it writes nothing, wherever it was taken', async () => {
        const other = await place.open(clock);
        await put(1n, book('a', { title: 'mine', asOf: 1n }));
        clock.advance(10_000);
        const theirs = await acquired('second', other);
        await other.commit(books, { documents: [book('a', { title: 'theirs', asOf: 2n })], checkpoint: 2n }, theirs);
        const late = put(9n, book('a', { title: 'late', asOf: 9n }), book('new', { asOf: 9n }));
        await expect(late).rejects.toBeInstanceOf(LeaseLost);
        expect(await store.get(books, 'a')).toMatchObject({ title: 'theirs' });
        expect(await store.get(books, 'new')).toBeUndefined();
        expect((await store.checkpoint(books))?.position).toBe(2n);
        await other.close();
      });

      test('the same holder with an older epoch has lost it too', async () => {
        await store.releaseLease(lease);
        const again = await acquired('first');
        expect(again.epoch).toBeGreaterThan(lease.epoch);
        await expect(put(1n, book('a'))).rejects.toBeInstanceOf(LeaseLost);
        expect(await store.checkpoint(books)).toBeUndefined();
      });

      test('released, it is free at once, and no commit goes through', async () => {
        await store.releaseLease(lease);
        expect(await store.lease('books@1')).toBeUndefined();
        await expect(put(1n, book('a'))).rejects.toBeInstanceOf(LeaseLost);
        expect((await acquired('second')).epoch).toBeGreaterThan(lease.epoch);
      });

      test('releasing a lease that was lost, or that nobody knows, takes it from nobody', async () => {
        clock.advance(10_000);
        const theirs = await acquired('second');
        await store.releaseLease(lease);
        await store.releaseLease({ ...theirs, follower: 'unknown@1' });
        await store.releaseLease({ ...theirs, holder: 'third' });
        expect(await store.lease('books@1')).toEqual(theirs);
      });

      test('dropping the view takes the lease away, and its epoch never comes back', async () => {
        await store.drop('books', 1);
        await store.prepare(books, LOG);
        await expect(put(1n, book('a'))).rejects.toBeInstanceOf(LeaseLost);
        const next = await acquired('second');
        expect(next.epoch).toBeGreaterThan(lease.epoch);
        await expect(put(1n, book('a'))).rejects.toBeInstanceOf(LeaseLost);
      });

      test('leases of different followers do not touch each other', async () => {
        const other = await store.acquireLease('orders@1', 'second', 10_000);
        expect(other).toMatchObject({ holder: 'second', follower: 'orders@1' });
        await put(1n, book('a'));
        expect(await store.lease('books@1')).toMatchObject({ holder: 'first' });
        expect(await store.lease('nobody@1')).toBeUndefined();
      });
    });

    test('what was committed is there for another handle, and after closing', async () => {
      const other = await place.open(clock);
      await put(3n, book('a', { shelf: 's', rank: '1' }));
      expect(await other.get(books, 'a')).toMatchObject({ shelf: 's' });
      expect((await other.checkpoint(books))?.position).toBe(3n);
      await other.close();
      expect(await store.get(books, 'a')).toBeDefined();
    });

    test('a closed store answers nothing', async () => {
      const closed = await place.open(clock);
      await closed.close();
      await closed.close();
      const calls: (() => Promise<unknown>)[] = [
        () => closed.prepare(books, LOG),
        () => closed.get(books, 'a'),
        () => closed.getMany(books, ['a']),
        () => closed.find(books, { index: 'byTitle', limit: 1 }),
        () => closed.checkpoint(books),
        () => closed.commit(books, { documents: [], checkpoint: 1n }, lease),
        () => closed.versions('books'),
        () => closed.drop('books', 1),
        () => closed.acquireLease('books@1', 'first', 1),
        () => closed.releaseLease(lease),
        () => closed.lease('books@1'),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(ViewStoreUnavailable);
    });
  });
}

const inByteOrder = (texts: readonly string[]): string[] =>
  [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
