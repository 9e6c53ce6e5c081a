import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AnyFact, Fact, Recorded } from '../../src/domain/fact.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { Clock } from '../../src/application/ports/clock.js';
import {
  ConcurrencyConflict,
  CorruptEvent,
  EVENT_FRAME_BYTES,
  InvalidAppend,
  MAX_APPEND_BYTES,
  MAX_APPEND_EVENTS,
  StoreUnavailable,
  UnknownEventType,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type LogBatch,
  type LogQuery,
  type NewEvent,
} from '../../src/application/ports/event-store.js';
import { optional, text } from '../../src/infrastructure/event-store/codec/codec.js';
import { eventCodec, type EventCodec } from '../../src/infrastructure/event-store/codec/event-codec.js';

/** One log, opened as often as a test likes, each time as another process would. */
export type LogUnderTest = Readonly<{
  open(options?: { codec?: EventCodec; clock?: Clock }): Promise<EventStore>;
  /** A store on a log of its own that nothing was ever appended to; absent where an engine has only one log. */
  openEmpty?(): Promise<EventStore>;
  /** Each process has a clock of its own; otherwise `recordedAt` is held in order by the log. */
  manyClocks?: boolean;
  stop(): Promise<void>;
}>;

/**
 * What every adapter of the port has to keep. It may run against a log that others have written to: it uses stream names
 * of its own, reads the whole log only from where a test began, and takes positions as they come.
 */
export function describeEventStore(adapter: string, start: () => Promise<LogUnderTest>): void {
  describe(`event store: ${adapter}`, () => {
    let log: LogUnderTest;
    let store: EventStore;
    let other: EventStore;
    beforeAll(async () => {
      log = await start();
      store = await log.open();
      other = await log.open();
    });
    afterAll(async () => {
      await store.close();
      await other.close();
      await log.stop();
    });

    describe('append', () => {
      test('answers with the revision and position of the last event, which are those that readers see', async () => {
        const stream = anyStream();
        const first = await store.append(stream, 'no-stream', [confirmed('1'), confirmed('2')]);
        const second = await other.append(stream, 1n, [confirmed('3')]);
        expect([first.revision, first.repeated, second.revision, second.repeated]).toEqual([1n, false, 2n, false]);
        const events = await streamOf(store, stream);
        expect(events.map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
        expect([events[1]?.position, events[2]?.position]).toEqual([first.position, second.position]);
        expect(await store.head()).toBe(second.position);
      });

      test('keeps its identity while it is written, for every process', async () => {
        const before = await store.identity();
        expect(before).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
        await other.append(anyStream(), 'no-stream', [confirmed('1')]);
        const third = await log.open();
        expect([await store.identity(), await other.identity(), await third.identity()]).toEqual([
          before,
          before,
          before,
        ]);
        await third.close();
      });

      test('tells the positions of all its events, or none but the last', async () => {
        const stream = anyStream();
        const { position, positions } = await store.append(stream, 'no-stream', [confirmed('1'), confirmed('2')]);
        const stored = (await streamOf(store, stream)).map(({ position }) => position);
        expect(stored.at(-1)).toBe(position);
        expect(positions ?? stored).toEqual(stored);
      });

      test.each(['no-stream', 0n, 2n, 3n, 2n ** 62n] as const)(
        'a writer that expects %s of a stream at 1 loses and leaves no trace',
        async (expected) => {
          const stream = anyStream();
          const { position } = await store.append(stream, 'no-stream', [confirmed('1'), confirmed('2')]);
          const lost = store.append(stream, expected, [confirmed('9'), confirmed('10')]);
          await expect(lost).rejects.toMatchObject({ name: 'ConcurrencyConflict', stream, expected });
          expect(await streamOf(store, stream)).toHaveLength(2);
          expect(await store.head()).toBe(position);
        },
      );

      test('a writer that expects a revision of a stream that is not there loses', async () => {
        const stream = anyStream();
        await expect(store.append(stream, 0n, [confirmed('1')])).rejects.toBeInstanceOf(ConcurrencyConflict);
        expect(await streamOf(store, stream)).toEqual([]);
      });

      test.each(['no-stream', 0n] as const)('of twenty that race for %s, one wins, whole', async (expected) => {
        const stream = anyStream();
        if (expected === 0n) await store.append(stream, 'no-stream', [confirmed('first')]);
        const attempts = Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? store : other).append(stream, expected, [confirmed(`${n}`), confirmed(`${n}`)]),
        );
        const outcomes = await Promise.allSettled(attempts);
        const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
        const reasons = outcomes.flatMap((outcome): unknown[] =>
          outcome.status === 'rejected' ? [outcome.reason] : [],
        );
        expect(reasons).toHaveLength(19);
        for (const reason of reasons) expect(reason).toBeInstanceOf(ConcurrencyConflict);
        const written = (await streamOf(store, stream)).slice(expected === 0n ? 1 : 0);
        expect(written.map(({ data }) => data)).toEqual([{ orderId: `${winner}` }, { orderId: `${winner}` }]);
      });

      test('appends to one stream that are sent without waiting keep their order', async () => {
        const stream = anyStream();
        const expecting = (n: number): ExpectedRevision => (n === 0 ? 'no-stream' : BigInt(n - 1));
        const sent = Array.from({ length: 50 }, (_, n) => store.append(stream, expecting(n), [confirmed(`${n}`)]));
        const revisions = (await Promise.all(sent)).map(({ revision }) => revision);
        expect(revisions).toEqual(Array.from({ length: 50 }, (_, n) => BigInt(n)));
      });

      test('of 10,000 events is refused by every engine alike; in appends of their size they stand in order', async () => {
        const stream = anyStream();
        const many = Array.from({ length: 10_000 }, (_, n) => confirmed(`${n}`));
        await expect(store.append(stream, 'no-stream', many)).rejects.toBeInstanceOf(InvalidAppend);
        expect(await streamOf(store, stream)).toEqual([]);
        for (let from = 0; from < many.length; from += MAX_APPEND_EVENTS) {
          const piece = many.slice(from, from + MAX_APPEND_EVENTS);
          await store.append(stream, from === 0 ? 'no-stream' : BigInt(from - 1), piece);
        }
        const stored = await streamOf(other, stream);
        expect(stored.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
        expectGrowing(stored.map(({ position }) => position));
      });

      test(`takes ${MAX_APPEND_EVENTS} small events at once, all or nothing, and no more`, async () => {
        const stream = anyStream();
        const many = Array.from({ length: MAX_APPEND_EVENTS }, (_, n) => confirmed(`${n}`));
        await expect(store.append(stream, 0n, many)).rejects.toBeInstanceOf(ConcurrencyConflict);
        expect(await streamOf(store, stream)).toEqual([]);
        const { revision } = await store.append(stream, 'no-stream', many);
        expect(revision).toBe(BigInt(MAX_APPEND_EVENTS - 1));
        const events = await streamOf(store, stream);
        expect(events.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
        const tooMany = store.append(stream, revision, [...many, confirmed('x')]);
        await expect(tooMany).rejects.toBeInstanceOf(InvalidAppend);
      });
    });

    describe('append, repeated after an unknown outcome', () => {
      test('gives the first outcome again and writes nothing, also after more was appended', async () => {
        const stream = anyStream();
        const events = [confirmed('1'), confirmed('2')];
        const first = await store.append(stream, 'no-stream', events);
        await expect(other.append(stream, 'no-stream', events)).resolves.toMatchObject({
          ...lastOf(first),
          repeated: true,
        });
        const more = [confirmed('3')];
        const second = await other.append(stream, 1n, more);
        await expect(store.append(stream, 'no-stream', events)).resolves.toMatchObject({
          ...lastOf(first),
          repeated: true,
        });
        await expect(store.append(stream, 1n, more)).resolves.toMatchObject({ ...lastOf(second), repeated: true });
        expect(await streamOf(store, stream)).toHaveLength(3);
      });

      test('is recognised when both are under way at once', async () => {
        const stream = anyStream();
        const events = [confirmed('1'), confirmed('2')];
        const outcomes = await Promise.all(
          [store, other, store, other].map((s) => s.append(stream, 'no-stream', events)),
        );
        expect(outcomes.map(({ repeated }) => repeated).sort()).toEqual([false, true, true, true]);
        expect(new Set(outcomes.map(({ position }) => position)).size).toBe(1);
        expect(await streamOf(store, stream)).toHaveLength(2);
      });

      test.each<[string, (ids: readonly [Event, Event]) => Event[]]>([
        ['the first event differs', ([, b]) => [confirmed('x'), b]],
        ['a later event differs', ([a]) => [a, confirmed('x')]],
        ['there is one event more', ([a, b]) => [a, b, confirmed('x')]],
        ['the order differs', ([a, b]) => [b, a]],
      ])('is a conflict when %s', async (_, changed) => {
        const stream = anyStream();
        const events = [confirmed('1'), confirmed('2')] as const;
        await store.append(stream, 'no-stream', events);
        const repeated = store.append(stream, 'no-stream', changed(events));
        await expect(repeated).rejects.toBeInstanceOf(ConcurrencyConflict);
        expect((await streamOf(store, stream)).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      });

      test('is a conflict at other revisions than those that the events have', async () => {
        const stream = anyStream();
        const events = [confirmed('1'), confirmed('2'), confirmed('3')] as const;
        await store.append(stream, 'no-stream', events);
        await expect(store.append(stream, 0n, [events[2]])).rejects.toBeInstanceOf(ConcurrencyConflict);
        await expect(store.append(stream, 1n, [events[1]])).rejects.toBeInstanceOf(ConcurrencyConflict);
      });
    });

    describe('what is stored', () => {
      test('comes back as it was, with all its metadata', async () => {
        const stream = anyStream();
        const amount = { minor: 2n ** 63n + 1n, currency: 'GBP' };
        const event: LedgerEvent = {
          type: 'PaymentRecorded',
          data: { paymentId: 'p', orderId: 'o', amount, method: 'card' },
        };
        const full = { ...METADATA, correlationId: 'c1', causationId: 'c2', reason: 'why', traceparent: '00-ab-cd-01' };
        const before = Date.now();
        const ids = [randomUUID(), randomUUID()] as const;
        await store.append(stream, 'no-stream', [
          { id: ids[0], event, metadata: full },
          { id: ids[1], event: refunded(-(2n ** 53n) - 1n), metadata: METADATA },
        ]);
        const [first, second] = await streamOf(other, stream);
        const { position, metadata } = first as Recorded;
        const { recordedAt } = metadata;
        expect(typeof position).toBe('bigint');
        expect(Date.parse(recordedAt)).toBeGreaterThanOrEqual(before - 1);
        expect(Date.parse(recordedAt)).toBeLessThanOrEqual(Date.now() + 1);
        const stamped = { schemaVersion: 1, recordedAt };
        expect(first).toStrictEqual({
          ...event,
          id: ids[0],
          stream,
          revision: 0n,
          position,
          metadata: { ...full, ...stamped },
        });
        expect(second?.data).toStrictEqual(refunded(-(2n ** 53n) - 1n).data);
        expect(second?.metadata).toStrictEqual({ ...METADATA, ...stamped });
      });

      test('has a recordedAt that never goes back, whatever a clock says, where the log can hold it', async () => {
        const now = Date.now();
        const stream = anyStream();
        const clocks = [now + 60_000, now, now + 59_999];
        for (const [n, at] of clocks.entries()) {
          const late = await log.open({ clock: { now: () => at } });
          await late.append(stream, n === 0 ? 'no-stream' : BigInt(n - 1), [confirmed(`${n}`)]);
          await late.close();
        }
        const events = await streamOf(store, stream);
        const recorded = events.map(({ metadata }) => Date.parse(metadata.recordedAt));
        expect(recorded).toEqual(log.manyClocks ? clocks : [now + 60_000, now + 60_000, now + 60_000]);
      });

      test('has a recordedAt that never goes back within a process', async () => {
        const now = Date.now();
        const clocks = [now, now - 60_000, now + 60_000];
        const steps = [...clocks];
        const stepping = await log.open({ clock: { now: () => steps.shift() ?? now } });
        const stream = anyStream();
        for (const n of clocks.keys()) {
          await stepping.append(stream, n === 0 ? 'no-stream' : BigInt(n - 1), [confirmed(`${n}`)]);
        }
        await stepping.close();
        const recorded = (await streamOf(store, stream)).map(({ metadata }) => Date.parse(metadata.recordedAt));
        expectRising(recorded);
        expect(recorded[2]).toBeGreaterThanOrEqual(now + 60_000);
      });

      test.each([
        '0001-01-01T00:00:00.000Z',
        '1969-12-31T23:59:59.999Z',
        '2000-02-29T12:34:56.789Z',
        '9999-12-31T23:59:59.999Z',
      ])('keeps a business time of %s', async (occurredAt) => {
        const stream = anyStream();
        await store.append(stream, 'no-stream', [{ ...confirmed('1'), metadata: { ...METADATA, occurredAt } }]);
        expect((await streamOf(store, stream))[0]?.metadata.occurredAt).toBe(occurredAt);
      });

      test.each(HARD_TEXTS)('keeps text exactly: %j', async (hard) => {
        const stream = anyStream();
        const readable = hard.isWellFormed() ? hard : 'plain';
        const metadata = { ...METADATA, commandId: readable, principal: readable, reason: readable };
        await store.append(stream, 'no-stream', [{ ...confirmed(hard), metadata }]);
        const [event] = await streamOf(other, stream);
        expect(event?.data).toEqual({ orderId: hard });
        expect(event?.metadata).toMatchObject({ commandId: readable, principal: readable, reason: readable });
      });

      test('an event may take 1 MiB with its frame, and not one byte more', async () => {
        const stream = anyStream();
        await expect(store.append(stream, 'no-stream', [sized(MAX_APPEND_BYTES + 1)])).rejects.toBeInstanceOf(
          InvalidAppend,
        );
        const largest = sized(MAX_APPEND_BYTES);
        await store.append(stream, 'no-stream', [largest]);
        const wide = sized(MAX_APPEND_BYTES, '€');
        await store.append(stream, 0n, [wide]);
        await expect(store.append(stream, 1n, [sized(MAX_APPEND_BYTES + 3, '€')])).rejects.toBeInstanceOf(
          InvalidAppend,
        );
        expect((await streamOf(other, stream)).map(({ data }) => data)).toEqual([largest.event.data, wide.event.data]);
      });
    });

    describe('an append outside the limits', () => {
      test('is one of several events that take 1 MiB together and a byte more', async () => {
        const stream = anyStream();
        const sizes = Array.from({ length: 127 }, () => 8_192);
        const whole = [...sizes, 8_192].map((bytes) => sized(bytes));
        const tooMuch = [...sizes, 8_193].map((bytes) => sized(bytes));
        await expect(store.append(stream, 'no-stream', tooMuch)).rejects.toBeInstanceOf(InvalidAppend);
        expect(await streamOf(store, stream)).toEqual([]);
        await store.append(stream, 'no-stream', whole);
        expect(await streamOf(store, stream)).toHaveLength(128);
      });

      test.each(HOSTILE_NAMES)('is refused for the stream name %j, which reads as unknown', async (name) => {
        await expect(store.append(name, 'no-stream', [confirmed('1')])).rejects.toBeInstanceOf(InvalidAppend);
        expect(await streamOf(store, name)).toEqual([]);
      });

      test.each(ODD_NAMES)('is not what %j is: it is kept exactly', async (odd) => {
        const stream = `${odd}${randomUUID()}`.slice(0, 232);
        await store.append(stream, 'no-stream', [confirmed('1')]);
        expect((await streamOf(other, stream)).map((event) => event.stream)).toEqual([stream]);
        expect(await streamOf(store, stream.toUpperCase())).toEqual([]);
      });

      test.each<[string, ExpectedRevision, Event[]]>([
        ['no events', 'no-stream', []],
        ['an id that is not a UUID', 'no-stream', [{ ...confirmed('1'), id: 'evt-1' }]],
        ['an id in upper case', 'no-stream', [{ ...confirmed('1'), id: randomUUID().toUpperCase() }]],
        ['the same id twice', 'no-stream', [confirmed('1'), TWIN, TWIN]],
        ['a negative revision', -1n, [confirmed('1')]],
        ['an unregistered type', 'no-stream', [confirmed('1'), { ...confirmed('2'), event: { type: 'No', data: {} } }]],
        ['data of another shape', 'no-stream', [{ ...confirmed('1'), event: { type: 'OrderConfirmed', data: {} } }]],
        [
          'a field that the type does not have',
          'no-stream',
          [{ ...confirmed('1'), event: { type: 'OrderConfirmed', data: { orderId: '1', extra: 1 } } }],
        ],
        ['a day as business time', 'no-stream', [withMetadata({ occurredAt: '2010-12-01' })]],
        [
          'a business time that does not exist',
          'no-stream',
          [withMetadata({ occurredAt: '2011-02-29T00:00:00.000Z' })],
        ],
        ['metadata that is not well-formed text', 'no-stream', [withMetadata({ principal: '\ud800' })]],
      ])('is refused with %s, and nothing is written', async (_, expected, events) => {
        const stream = anyStream();
        await expect(store.append(stream, expected, events)).rejects.toBeInstanceOf(InvalidAppend);
        expect(await streamOf(store, stream)).toEqual([]);
      });
    });

    describe('readStream', () => {
      let stream: string;
      beforeAll(async () => {
        stream = anyStream();
        await store.append(
          stream,
          'no-stream',
          Array.from({ length: 10 }, (_, n) => confirmed(`${n}`)),
        );
      });
      const forward = 'forward';
      const backward = 'backward';
      test.each([
        [{}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
        [{ direction: backward }, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
        [{ from: 4n }, [4, 5, 6, 7, 8, 9]],
        [{ from: 4n, direction: backward }, [4, 3, 2, 1, 0]],
        [{ from: 4n, direction: forward, limit: 3 }, [4, 5, 6]],
        [{ from: 4n, direction: backward, limit: 3 }, [4, 3, 2]],
        [{ limit: 0 }, []],
        [{ limit: 1, direction: backward }, [9]],
        [{ from: 10n }, []],
        [{ from: 2n ** 62n }, []],
        [{ from: 2n ** 62n, direction: backward, limit: 2 }, [9, 8]],
        [{ from: 0n, direction: backward }, [0]],
      ] as const)('%j', async (query, expected) => {
        for (const batchSize of [1, 3, 10, 1_000]) {
          const batches = await collect(store.readStream(stream, { ...query, batchSize }));
          for (const batch of batches) {
            expect(batch.length).toBeGreaterThan(0);
            expect(batch.length).toBeLessThanOrEqual(batchSize);
          }
          expect(batches.flat().map(({ revision }) => Number(revision))).toEqual(expected);
        }
      });

      test('of an unknown stream yields nothing', async () => {
        expect(await collect(store.readStream(anyStream()))).toEqual([]);
      });

      test('ends without an error when its signal aborts', async () => {
        const abort = new AbortController();
        const seen: Recorded[] = [];
        for await (const batch of store.readStream(stream, { batchSize: 2, signal: abort.signal })) {
          seen.push(...batch);
          abort.abort();
        }
        expect(seen).toHaveLength(2);
      });
    });

    describe('readAll', () => {
      test('gives every event of every stream once, in the order of positions, whatever the batch', async () => {
        const after = await store.head();
        const written = await writeSome(store, other, 30);
        for (const batchSize of [1, 7, 1_000]) {
          const batches = await collect(store.readAll(from(after, { batchSize })));
          const events = batches.flatMap((batch) => batch.events);
          expect(new Set(events.map(({ id }) => id))).toEqual(new Set(written));
          expect(events).toHaveLength(written.length);
          expectGrowing(events.map(({ position }) => position));
          for (const batch of batches) expect(batch.events.length).toBeLessThanOrEqual(batchSize);
          for (const { events: some, upTo } of batches) {
            expect(upTo).toBeGreaterThanOrEqual(some.at(-1)?.position ?? 0n);
          }
          expectGrowing(batches.map(({ upTo }) => upTo));
          expect(batches.at(-1)?.upTo).toBe(await store.head());
        }
      });

      test('resumes after any position that it gave', async () => {
        const after = await store.head();
        const written = await writeSome(store, other, 12);
        const all = await eventsOf(store.readAll(from(after)));
        for (const { position } of all) {
          const rest = await eventsOf(store.readAll({ after: position }));
          expect(rest.map(({ id }) => id)).toEqual(
            all.filter((event) => event.position > position).map(({ id }) => id),
          );
        }
        expect(all).toHaveLength(written.length);
        expect(await collect(store.readAll({ after: (await store.head()) as bigint }))).toEqual([]);
      });

      test('with a filter gives only these types, and moves upTo on over the others', async () => {
        const after = await store.head();
        const stream = anyStream();
        await store.append(stream, 'no-stream', [confirmed('1'), paid(1n), confirmed('2'), paid(2n), confirmed('3')]);
        const head = await store.head();
        const batches = await collect(store.readAll(from(after, { types: ['PaymentRecorded'], batchSize: 1 })));
        expect(batches.flatMap(({ events }) => events.map(({ data }) => data))).toEqual([
          paid(1n).event.data,
          paid(2n).event.data,
        ]);
        expect(batches.at(-1)?.upTo).toBe(head);
        for (const types of [['PaymentRefunded'], ['NoSuchType'], []]) {
          const nothing = await collect(store.readAll(from(after, { types })));
          expect(nothing.flatMap(({ events }) => events)).toEqual([]);
          expect(nothing.at(-1)?.upTo).toBe(head);
        }
      });

      test('ends without an error when its signal aborts', async () => {
        const after = await store.head();
        await writeSome(store, other, 5);
        const abort = new AbortController();
        let batches = 0;
        for await (const _ of store.readAll(from(after, { batchSize: 1, signal: abort.signal }))) {
          batches++;
          abort.abort();
        }
        expect(batches).toBe(1);
      });

      test('of an empty log yields nothing, and there is no head', async () => {
        if (!log.openEmpty) {
          console.log(`${adapter}: no empty log at hand, so this was not tested`);
          return;
        }
        const empty = await log.openEmpty();
        expect(await empty.head()).toBeUndefined();
        expect(await collect(empty.readAll())).toEqual([]);
        const { position } = await empty.append(anyStream(), 'no-stream', [confirmed('1')]);
        const [batch] = await collect(empty.readAll());
        expect([batch?.events.length, batch?.upTo, await empty.head()]).toEqual([1, position, position]);
        await empty.close();
      });
    });

    describe('subscribe', () => {
      test('hands over from history to live under concurrent appends, with no gap and nothing twice', async () => {
        const after = await store.head();
        const history = await writeSome(store, other, 40);
        const subscribers = [store, other, store].map((reader, n) =>
          take(reader, from(after, { batchSize: [1, 7, 1_000][n] ?? 1 }), 200),
        );
        const live = (await Promise.all([writeSome(store, other, 80), writeSome(other, store, 80)])).flat();
        const expected = new Set([...history, ...live]);
        for (const subscriber of subscribers) {
          const events = (await subscriber).flatMap((batch) => batch.events);
          expect(events).toHaveLength(200);
          expect(new Set(events.map(({ id }) => id))).toEqual(expected);
          expectGrowing(events.map(({ position }) => position));
        }
      });

      test('resumes after any upTo that it gave', async () => {
        const after = await store.head();
        await writeSome(store, other, 20);
        const batches = await take(store, from(after, { batchSize: 3 }), 20);
        const all = batches.flatMap(({ events }) => events.map(({ id }) => id));
        let seen = 0;
        for (const { events, upTo } of batches) {
          seen += events.length;
          if (seen === 20) break;
          const rest = await take(other, { after: upTo }, 20 - seen);
          expect(rest.flatMap((batch) => batch.events.map(({ id }) => id))).toEqual(all.slice(seen));
        }
      });

      test('with a filter says how far the log has gone, even when nothing passes', async () => {
        const after = await store.head();
        const abort = new AbortController();
        const seen: LogBatch[] = [];
        let target = 2n ** 62n;
        const done = (async () => {
          for await (const batch of store.subscribe(
            from(after, { types: ['PaymentRecorded'], signal: abort.signal }),
          )) {
            seen.push(batch);
            if (batch.upTo >= target) abort.abort();
          }
        })();
        await other.append(anyStream(), 'no-stream', [paid(1n)]);
        const last = await other.append(anyStream(), 'no-stream', [confirmed('1'), confirmed('2')]);
        target = last.position;
        if ((seen.at(-1)?.upTo ?? 0n) >= target) abort.abort();
        await done;
        expect(seen.flatMap(({ events }) => events.map(({ data }) => data))).toEqual([paid(1n).event.data]);
        expect(seen.at(-1)?.upTo).toBe(last.position);
        expectGrowing(seen.map(({ upTo }) => upTo));
      });

      test('ends without an error when its signal aborts: before, while waiting, and between batches', async () => {
        expect(await collect(store.subscribe({ signal: AbortSignal.abort() }))).toEqual([]);

        const waiting = new AbortController();
        const head = await store.head();
        const ended = collect(store.subscribe(from(head, { signal: waiting.signal })));
        setTimeout(() => waiting.abort(), 30);
        expect(await ended).toEqual([]);

        await writeSome(store, other, 4);
        const between = new AbortController();
        let batches = 0;
        for await (const _ of store.subscribe(from(head, { batchSize: 1, signal: between.signal }))) {
          batches++;
          between.abort();
        }
        expect(batches).toBe(1);
      });

      test('twenty at once see the same, on one signal', async () => {
        const after = await store.head();
        const abort = new AbortController();
        const subscribers = Array.from({ length: 20 }, () => take(store, from(after), 10, abort.signal));
        const written = await writeSome(other, other, 10);
        for (const subscriber of subscribers) {
          const ids = (await subscriber).flatMap(({ events }) => events.map(({ id }) => id));
          expect(new Set(ids)).toEqual(new Set(written));
        }
      });
    });

    describe('stored by another build', () => {
      type Wide = Fact<'OrderConfirmed', { orderId: string; note?: string }> | Fact<'OrderGilded', { orderId: string }>;
      const shapes = { OrderConfirmed: { orderId: text, note: optional(text) }, OrderGilded: { orderId: text } };
      const wide = eventCodec<Wide>(shapes);
      const newer = eventCodec<Wide>(shapes, {
        OrderConfirmed: [(json) => json, (json) => ({ ...(json as object), note: 'lifted' })],
      });
      const gilded = (): NewEvent<Wide> => ({
        ...confirmed('g'),
        event: { type: 'OrderGilded', data: { orderId: 'g' } },
      });

      test('an unknown type stops a reader with stream and revision, after all that was before it', async () => {
        const writer = await log.open({ codec: wide });
        const stream = anyStream();
        const after = await store.head();
        const events: NewEvent[] = [confirmed('1'), confirmed('2'), gilded(), confirmed('3')];
        await writer.append(stream, 'no-stream', events);
        await writer.close();
        const error = { name: 'UnknownEventType', type: 'OrderGilded', stream, revision: 2n };
        const reads = [
          store.readStream(stream),
          batchesOf(store.readAll(from(after))),
          batchesOf(store.subscribe(from(after, { signal: NEVER }))),
        ];
        for (const read of reads) {
          const { events: before, cause } = await untilError(read);
          expect(before.map(({ revision }) => revision)).toEqual([0n, 1n]);
          expect(cause).toBeInstanceOf(UnknownEventType);
          expect(cause).toMatchObject(error);
        }
        const { events: backwards, cause } = await untilError(store.readStream(stream, { direction: 'backward' }));
        expect([backwards.map(({ revision }) => revision), cause]).toMatchObject([[3n], error]);
        const passing = await eventsOf(store.readAll(from(after, { types: ['OrderConfirmed'] })));
        expect(passing.map(({ revision }) => revision)).toEqual([0n, 1n, 3n]);
      });

      test('a field that this build does not know stops a reader, with its path', async () => {
        const writer = await log.open({ codec: wide });
        const stream = anyStream();
        const noted = {
          ...confirmed('2'),
          event: { type: 'OrderConfirmed', data: { orderId: '2', note: 'n' } },
        } as const;
        await writer.append(stream, 'no-stream', [confirmed('1'), noted]);
        await writer.close();
        const { events, cause } = await untilError(store.readStream(stream));
        expect(events).toHaveLength(1);
        expect(cause).toBeInstanceOf(CorruptEvent);
        expect(cause).toMatchObject({ stream, revision: 1n, message: expect.stringContaining('note') as unknown });
      });

      test('an older schema version is lifted, a newer one stops a reader', async () => {
        const writer = await log.open({ codec: newer });
        const stream = anyStream();
        await store.append(stream, 'no-stream', [confirmed('1')]);
        const lifted = (await streamOf(writer, stream))[0];
        expect([lifted?.data, lifted?.metadata.schemaVersion]).toEqual([{ orderId: '1', note: 'lifted' }, 2]);
        await writer.append(stream, 0n, [confirmed('2')]);
        await writer.close();
        const { events, cause } = await untilError(store.readStream(stream));
        expect(events).toHaveLength(1);
        expect(cause).toBeInstanceOf(UnknownEventType);
        expect(cause).toMatchObject({ type: 'OrderConfirmed@3', stream, revision: 1n });
      });
    });

    describe('close', () => {
      test('waits for the appends under way', async () => {
        const closing = await log.open();
        const stream = anyStream();
        const appended = closing.append(stream, 'no-stream', [confirmed('1')]);
        await closing.close();
        expect(await Promise.race([appended, Promise.resolve('still under way')])).toMatchObject({ revision: 0n });
        expect(await streamOf(store, stream)).toHaveLength(1);
      });

      test('makes later calls fail with StoreUnavailable, and may be called again', async () => {
        const closed = await log.open();
        await closed.append(anyStream(), 'no-stream', [confirmed('1')]);
        await closed.close();
        await closed.close();
        const calls: (() => Promise<unknown>)[] = [
          () => closed.append(anyStream(), 'no-stream', [confirmed('1')]),
          () => closed.head(),
          () => collect(closed.readAll()),
          () => collect(closed.readStream(anyStream())),
          () => collect(closed.subscribe({ signal: NEVER })),
        ];
        for (const call of calls) await expect(call()).rejects.toBeInstanceOf(StoreUnavailable);
      });

      test('ends a subscription that waits', async () => {
        const closing = await log.open();
        const head = await closing.head();
        const waiting = untilError(batchesOf(closing.subscribe(from(head, { signal: NEVER }))));
        await new Promise((resolve) => setTimeout(resolve, 20));
        await closing.close();
        const { events, cause } = await waiting;
        expect(events).toEqual([]);
        if (cause !== undefined) expect(cause).toBeInstanceOf(StoreUnavailable);
      });
    });
  });
}

type Event = NewEvent;

/** 43 characters, as SHA-256 in base64url has. */
const HASH = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';
const METADATA = {
  commandId: 'cmd-1',
  commandHash: HASH,
  correlationId: 'cmd-1',
  causationId: 'cmd-1',
  principal: 'importer',
  occurredAt: '2010-12-01T08:26:00.000Z',
};

const anyStream = (): string => `order-${randomUUID()}`;

/** The smallest event, with room for any text. */
function confirmed(orderId: string): NewEvent<Extract<LedgerEvent, { type: 'OrderConfirmed' }>> {
  return { id: randomUUID(), event: { type: 'OrderConfirmed', data: { orderId } }, metadata: METADATA };
}

function paid(minor: bigint): NewEvent<LedgerEvent> {
  const data = { paymentId: 'p', orderId: 'o', amount: { minor, currency: 'GBP' }, method: 'card' };
  return { id: randomUUID(), event: { type: 'PaymentRecorded', data }, metadata: METADATA };
}

function refunded(minor: bigint): LedgerEvent {
  const amount = { minor, currency: 'JPY' };
  return { type: 'PaymentRefunded', data: { paymentId: 'p', orderId: 'o', refundId: 'r', amount, reason: 'broken' } };
}

const TWIN = confirmed('twin');

function withMetadata(change: Partial<Event['metadata']>): Event {
  return { ...confirmed('1'), metadata: { ...METADATA, ...change } };
}

/** An event of exactly so many bytes, counted as the port says: the JSON of its data and of all its metadata, and its frame. */
function sized(bytes: number, filling = 'x') {
  const metadata = JSON.stringify({ schemaVersion: 1, ...METADATA, recordedAt: METADATA.occurredAt });
  const room =
    bytes - EVENT_FRAME_BYTES - Buffer.byteLength(metadata) - Buffer.byteLength(JSON.stringify({ orderId: '' }));
  const width = Buffer.byteLength(filling);
  return confirmed(filling.repeat(Math.floor(room / width)) + 'x'.repeat(room % width));
}

const HARD_TEXTS = [
  '',
  'Ünïcödé — 漢字 — العربية — 🧾👩‍👩‍👧',
  'e\u0301 and \u00e9 are two texts',
  'null\0byte, \u2028 line and \u2029 paragraph separators, \ufeff a mark',
  '"quoted" \\ back \b\f\n\r\t \u001f \u007f',
  '__proto__',
  'a lone \ud83d surrogate',
];

const HOSTILE_NAMES = [
  '',
  'order',
  'order-',
  '-1',
  'Order-1',
  'or_der-1',
  'order-a b',
  'order-é',
  'order-a\n',
  'order-a\0b',
  '$all',
  '$$order-1',
  '1order-1',
  '__proto__',
  `order-${'x'.repeat(201)}`,
  `${'o'.repeat(33)}-1`,
];

const ODD_NAMES = [
  `order-';DROP/**/TABLE/**/events;--`,
  'order-"%00?*[]{}\\',
  'order-../../etc/passwd',
  'order-$all',
  'order-__proto__',
  'order---',
  `${'o'.repeat(32)}-${'x'.repeat(163)}`,
];

/** A query from a position that may not exist yet. */
function from<Q extends Omit<LogQuery, 'after'>>(after: bigint | undefined, query?: Q): Q & LogQuery {
  return { ...(query as Q), ...(after === undefined ? {} : { after }) };
}

/** `count` events on a few streams through two stores in turn; their ids. */
async function writeSome(a: EventStore, b: EventStore, count: number): Promise<string[]> {
  const ids: string[] = [];
  const streams = [anyStream(), anyStream(), anyStream()];
  for (let n = 0; n < count; n++) {
    const event = confirmed(`${n}`);
    ids.push(event.id);
    const expected = n < 3 ? 'no-stream' : BigInt(Math.floor(n / 3) - 1);
    await (n % 2 === 0 ? a : b).append(streams[n % 3] as string, expected, [event]);
  }
  return ids;
}

/** Batches of a subscription until it has given `count` events. */
async function take(store: EventStore, query: LogQuery, count: number, signal = NEVER): Promise<LogBatch[]> {
  const batches: LogBatch[] = [];
  let left = count;
  for await (const batch of store.subscribe({ ...query, signal })) {
    batches.push(batch);
    left -= batch.events.length;
    if (left <= 0) break;
  }
  return batches;
}
const NEVER = new AbortController().signal;

async function collect<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

const lastOf = ({ revision, position }: Appended) => ({ revision, position });

async function streamOf(store: EventStore, stream: string): Promise<Recorded[]> {
  return (await collect(store.readStream(stream))).flat();
}

async function eventsOf(batches: AsyncIterable<LogBatch>): Promise<Recorded[]> {
  return (await collect(batches)).flatMap(({ events }) => events);
}

async function* batchesOf(batches: AsyncIterable<LogBatch>): AsyncGenerator<readonly Recorded[]> {
  for await (const { events } of batches) yield events;
}

/** What was yielded, and what ended it. */
async function untilError(batches: AsyncIterable<readonly Recorded<AnyFact>[]>) {
  const events: Recorded[] = [];
  try {
    for await (const batch of batches) events.push(...batch);
  } catch (cause) {
    return { events, cause };
  }
  return { events, cause: undefined };
}

function expectRising(numbers: readonly number[]): void {
  expect([...numbers].sort((a, b) => a - b)).toEqual(numbers);
}

function expectGrowing(positions: readonly bigint[]): void {
  for (const [n, position] of positions.entries()) {
    const before = positions[n - 1];
    if (before !== undefined && position <= before) throw new Error(`${position} follows ${before}`);
  }
}
