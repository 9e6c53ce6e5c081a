import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  LeaseLost,
  MAX_DOCUMENT_BYTES,
  ViewStoreUnavailable,
  ViewWentBack,
  type Lease,
  type ViewStore,
} from '../../src/application/ports/view-store.js';
import { MongoViewStore } from '../../src/infrastructure/view-store/mongo/mongo-view-store.js';
import type { Stored, ViewDefinition } from '../../src/projections/projection.js';
import { findMongo } from '../mongo-server/test-mongo.js';
import { NOT_PRIMARY, WireProxy, type Command, type Fate } from '../mongo-server/wire-proxy.js';

/** The log that the views are made from. */
const LOG = '7a2f7c1e-4a0b-4a8e-9d3f-0b5e8a1c2d3e';
type Book = Readonly<{ _id: string; title: string; extra?: unknown }>;
const books: ViewDefinition<Book> = {
  name: 'books',
  version: 1,
  indexes: { byTitle: { parts: ['text'], of: ({ title }) => [title] } },
};
const book = (_id: string, title: string, asOf: bigint, extra?: unknown): Stored<Book> => ({ _id, title, asOf, extra });

const DUPLICATE_ID = 'E11000 duplicate key error collection: ledger.books@1.0 index: _id_ dup key: { _id: "id-0" }';

/** https://www.mongodb.com/docs/manual/reference/error-codes/: QueryPlanKilled, of a collection that is dropped meanwhile. */
const DROPPED: Fate = { ok: 0, code: 175, codeName: 'QueryPlanKilled', errmsg: 'collection dropped' };

jest.setTimeout(30_000);
const mongo = await findMongo();
const url = mongo?.url ?? '';

(mongo ? describe : describe.skip)('MongoViewStore, when something goes wrong on the way', () => {
  let nowMs: number;
  let database: string;
  let proxy: WireProxy;
  let store: ViewStore;
  let direct: ViewStore;
  let lease: Lease;
  const open = (at: string) =>
    MongoViewStore.open({ url: at, database, clock: { now: () => nowMs }, patienceMs: 1_500 }) as ViewStore;
  const take = async (from: ViewStore, holder: string): Promise<Lease> => {
    const taken = await from.acquireLease('books@1', holder, 1_000);
    if (!taken) throw new Error(`${holder} did not get the lease`);
    return taken;
  };
  const stored = async () => {
    const titles = new Map<string, string>();
    for (let id = 0; id < 4; id++) {
      const found = await direct.get(books, `id-${id}`);
      if (found) titles.set(found._id, found.title);
    }
    return Object.fromEntries(titles);
  };
  const position = async () => (await direct.checkpoint(books))?.position;

  /** Lets the first command that `matches` wait: `reached` says that it came, `release` decides its fate. */
  const holdUp = (matches: (command: Command) => boolean) => {
    let release: (fate: Fate) => void = () => undefined;
    let arrive: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (arrive = resolve));
    const released = new Promise<Fate>((resolve) => (release = resolve));
    let held = false;
    proxy.decide = (command) => {
      if (held || !matches(command)) return 'pass';
      held = true;
      arrive();
      return released;
    };
    return { reached, release };
  };
  const ofDocuments = ({ name, collection }: Command) => name === 'update' && collection.startsWith('books@1.');
  const ofCheckpoint = ({ name, collection }: Command) => name === 'update' && collection === 'views';

  beforeEach(async () => {
    nowMs = Date.UTC(2030, 0, 1);
    database = mongo?.newDatabase() ?? '';
    proxy = await WireProxy.start(url);
    store = open(proxy.instead(url));
    direct = open(url);
    await store.prepare(books, LOG);
    lease = await take(store, 'first');
  });
  afterEach(async () => {
    proxy.decide = () => 'pass';
    await store.close();
    await direct.close();
    await proxy.close();
  });
  afterAll(() => mongo?.stop());

  describe.each<[string, Fate]>([
    ['the connection is cut before it', 'cut'],
    ['it is done and its answer is lost', 'cut-answer'],
    ['another server has become the primary', NOT_PRIMARY],
  ])('%s', (_, fate) => {
    /** A commit of so many is one read, three writes of documents and one of the checkpoint. */
    const documents = Array.from({ length: 2_500 }, (_unused, n) => book(`id-${n}`, `title ${n}`, 5n));

    test.each([1, 2, 3, 4, 5])('at command %d of a commit: it is told, and doing it again mends it', async (at) => {
      const batch = { documents, checkpoint: 5n };
      let count = 0;
      proxy.decide = () => (++count === at ? fate : 'pass');
      const outcome = await store.commit(books, batch, lease).then(
        () => 'committed',
        (cause: unknown) => cause,
      );
      expect(count).toBeGreaterThanOrEqual(at);
      if (outcome === 'committed')
        expect(at).toBe(1); // reads are tried again by the driver
      else expect(outcome).toBeInstanceOf(ViewStoreUnavailable);
      if ((await position()) === 5n)
        expect(
          (
            await direct.getMany(
              books,
              documents.map(({ _id }) => _id),
            )
          ).length,
        ).toBe(2_500);
      proxy.decide = () => 'pass';
      await store.commit(books, batch, lease);
      expect(await position()).toBe(5n);
      expect(
        await direct.getMany(
          books,
          documents.map(({ _id }) => _id),
        ),
      ).toHaveLength(2_500);
      expect((await direct.find(books, { index: 'byTitle', prefix: ['title 2499'], limit: 2 })).documents).toHaveLength(
        1,
      );
    });
  });

  describe('a holder that was held up while another took over', () => {
    const late = () =>
      store.commit(
        books,
        { documents: [book('id-0', 'as of 5', 5n), book('id-1', 'as of 5', 5n)], checkpoint: 5n },
        lease,
      );

    test.each([
      ['before its documents', ofDocuments],
      ['between its documents and its checkpoint', ofCheckpoint],
    ])('%s: it has lost the lease, and what the other has written stays', async (_, boundary) => {
      const { reached, release } = holdUp(boundary);
      const commit = late();
      await reached;
      nowMs += 1_000;
      const theirs = await take(direct, 'second');
      const batch = { documents: [book('id-0', 'as of 7', 7n), book('id-2', 'as of 6', 6n)], checkpoint: 7n };
      await direct.commit(books, batch, theirs);
      release('pass');
      await expect(commit).rejects.toBeInstanceOf(LeaseLost);
      expect(await position()).toBe(7n);
      // id-1: right as of position 5; the other holder writes it as well, or has it in a newer state, before its checkpoint
      expect(await stored()).toEqual({ 'id-0': 'as of 7', 'id-1': 'as of 5', 'id-2': 'as of 6' });
    });

    test('and the view was made again: nothing of it is in the new one, and what it left is removed', async () => {
      const { reached, release } = holdUp(ofDocuments);
      const commit = late();
      await reached;
      await direct.drop('books', 1);
      await direct.prepare(books, LOG);
      const theirs = await take(direct, 'second');
      await direct.commit(books, { documents: [book('id-0', 'anew', 1n)], checkpoint: 1n }, theirs);
      release('pass');
      await expect(commit).rejects.toBeInstanceOf(LeaseLost);
      expect(await stored()).toEqual({ 'id-0': 'anew' });
      expect(await collections()).toHaveLength(2);
      await direct.prepare(books, LOG);
      expect(await collections()).toHaveLength(1);
      expect(await stored()).toEqual({ 'id-0': 'anew' });
    });

    const collections = async () => {
      const client = new MongoClient(url);
      const all = await client.db(database).listCollections().toArray();
      await client.close();
      return all.map(({ name }) => name).filter((name) => name.startsWith('books@1.'));
    };
  });

  test('a checkpoint that is put back while documents are written is not moved over what is gone', async () => {
    await store.commit(books, { documents: [book('id-0', 'as of 5', 5n)], checkpoint: 5n }, lease);
    const { reached, release } = holdUp(ofCheckpoint);
    const batch = { documents: [book('id-1', 'as of 9', 9n)], checkpoint: 9n, after: 5n };
    const refused = expect(store.commit(books, batch, lease)).rejects.toBeInstanceOf(ViewWentBack);
    await reached;
    const client = new MongoClient(url);
    await client
      .db(database)
      .collection('views')
      .updateOne({ name: 'books' }, { $set: { position: 3n } });
    await client.close();
    release('pass');
    await refused;
    expect(await position()).toBe(3n);
  });

  test('two that both insert: the newer document wins, also where the server refuses it as a duplicate', async () => {
    const { reached, release } = holdUp(ofDocuments);
    const newer = store.commit(books, { documents: [book('id-0', 'as of 7', 7n)], checkpoint: 7n }, lease);
    await reached;
    await direct.commit(books, { documents: [book('id-0', 'as of 5', 5n)], checkpoint: 5n }, lease);
    release({ ok: 1, n: 0, nModified: 0, writeErrors: [{ index: 0, code: 11_000, errmsg: DUPLICATE_ID }] });
    await newer;
    expect(await stored()).toEqual({ 'id-0': 'as of 7' });
    expect(await position()).toBe(7n);
  });

  test('a duplicate in an index that somebody else has made is an error, not an old document', async () => {
    const client = new MongoClient(url);
    const [collection] = (await client.db(database).collections()).filter(({ collectionName }) =>
      collectionName.startsWith('books@1.'),
    );
    await collection?.createIndex({ title: 1 }, { unique: true });
    await client.close();
    const batch = { documents: [book('id-0', 'same', 5n), book('id-1', 'same', 5n)], checkpoint: 5n };
    await expect(store.commit(books, batch, lease)).rejects.toBeInstanceOf(ViewStoreUnavailable);
    expect(await position()).toBeUndefined();
  });

  test.each([
    ['written', {}],
    ['refused as a duplicate', { writeErrors: [{ index: 0, code: 11_000, errmsg: DUPLICATE_ID }] }],
  ])('documents that no majority has are not committed, also when one was %s', async (_, more) => {
    const { reached, release } = holdUp(ofDocuments);
    const documents = [book('id-0', 'one', 5n), book('id-1', 'two', 5n)];
    const commit = store.commit(books, { documents, checkpoint: 5n }, lease);
    await reached;
    release({
      ok: 1,
      n: 1,
      nModified: 1,
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
      ...more,
    });
    await expect(commit).rejects.toBeInstanceOf(ViewStoreUnavailable);
    expect(await position()).toBeUndefined();
  });

  test('every call of a store that cannot reach its server ends, and is told apart from an empty view', async () => {
    proxy.disconnect();
    const calls: (() => Promise<unknown>)[] = [
      () => store.prepare(books, LOG),
      () => store.get(books, 'id-0'),
      () => store.find(books, { index: 'byTitle', limit: 1 }),
      () => store.checkpoint(books),
      () => store.commit(books, { documents: [book('id-0', 'a', 1n)], checkpoint: 1n }, lease),
      () => store.versions('books'),
      () => store.drop('books', 1),
      () => store.acquireLease('books@1', 'first', 1_000),
      () => store.releaseLease(lease),
      () => store.lease('books@1'),
    ];
    await Promise.all(calls.map((call) => expect(call()).rejects.toBeInstanceOf(ViewStoreUnavailable)));
    proxy.reconnect();
    await sleep(100);
    expect(await store.get(books, 'id-0')).toBeUndefined();
    await store.commit(books, { documents: [book('id-0', 'a', 1n)], checkpoint: 1n }, lease);
    expect(await stored()).toEqual({ 'id-0': 'a' });
  });

  test('a view that was made again is read, although reading the one before fails', async () => {
    await store.commit(books, { documents: [book('id-0', 'old', 1n)], checkpoint: 1n }, lease);
    expect(await store.get(books, 'id-0')).toMatchObject({ title: 'old' });
    await direct.drop('books', 1);
    await direct.prepare(books, LOG);
    const next = await take(direct, 'second');
    await direct.commit(books, { documents: [book('id-0', 'new', 1n)], checkpoint: 1n }, next);
    let first: string | undefined;
    proxy.decide = ({ name, collection }) =>
      name === 'find' && collection.startsWith('books@1.') && collection === (first ??= collection) ? DROPPED : 'pass';
    expect(await store.get(books, 'id-0')).toMatchObject({ title: 'new' });
    expect(first).toBeDefined();
    expect(await store.get(books, 'id-0')).toMatchObject({ title: 'new' });
  });

  test('a server that takes commands and never answers is unavailable', async () => {
    proxy.decide = () => 'swallow';
    const calls = [
      () => store.get(books, 'id-0'),
      () => store.commit(books, { documents: [], checkpoint: 1n }, lease),
      () => store.acquireLease('books@1', 'first', 1_000),
    ];
    await Promise.all(calls.map((call) => expect(call()).rejects.toBeInstanceOf(ViewStoreUnavailable)));
  });

  test('closing ends what is under way', async () => {
    const { reached } = holdUp(ofDocuments);
    const commit = store.commit(books, { documents: [book('id-0', 'a', 1n)], checkpoint: 1n }, lease);
    const refused = expect(commit).rejects.toBeInstanceOf(ViewStoreUnavailable);
    await reached;
    await store.close();
    await refused;
  });

  test.each([
    ['a list of two million numbers', Array.from({ length: 2_000_000 }, (_, n) => n % 10)],
    ['half a million numbers, as native values', Array.from({ length: 500_000 }, (_, n) => n % 10)],
    ['one long text', 'é'.repeat(MAX_DOCUMENT_BYTES / 2 - 100)],
  ])(
    'the largest document fits: %s',
    async (_, extra) => {
      const patient = MongoViewStore.open({ url, database, clock: { now: () => nowMs } });
      await patient.commit(books, { documents: [book('id-0', 'large', 1n, extra)], checkpoint: 1n }, lease);
      const found = await patient.get(books, 'id-0');
      await patient.close();
      expect(JSON.stringify(found?.extra) === JSON.stringify(extra)).toBe(true);
    },
    30_000,
  );

  test('a read-only handle makes nothing, and writes nothing', async () => {
    const name = mongo?.newDatabase() ?? '';
    const options = { url, database: name, clock: { now: () => nowMs }, readOnly: true };
    const reader = MongoViewStore.open(options);
    expect(await reader.get(books, 'id-0')).toBeUndefined();
    expect(await reader.checkpoint(books)).toBeUndefined();
    expect(await reader.versions('books')).toEqual([]);
    for (const call of [
      () => reader.prepare(books, LOG),
      () => reader.drop('books', 1),
      () => reader.acquireLease('books@1', 'first', 1),
      () => reader.releaseLease(lease),
      () => reader.commit(books, { documents: [], checkpoint: 1n }, lease),
    ])
      await expect(call()).rejects.toBeInstanceOf(ViewStoreUnavailable);
    await reader.close();
    const client = new MongoClient(options.url);
    expect(await client.db(name).listCollections().toArray()).toEqual([]);
    await client.close();
  });
});
