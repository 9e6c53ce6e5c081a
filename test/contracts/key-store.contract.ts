import { afterEach, describe, expect, test } from '@jest/globals';
import { KeyStoreUnavailable, SubjectErased, type KeyStore } from '../../src/application/ports/key-store.js';

/**
 * What every key store promises. `open` gives a new, empty one; `again` another on what the first one wrote, as a process
 * would find it that starts after the first was killed; absent where nothing lasts.
 */
export function describeKeyStore(adapter: string, open: () => KeyStore, again?: (store: KeyStore) => KeyStore): void {
  describe(adapter, () => {
    const opened: KeyStore[] = [];
    const fresh = (): KeyStore => {
      opened.push(open());
      return opened.at(-1)!;
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    test('gives a subject one key, and every subject its own', async () => {
      const store = fresh();
      const [one, same, other] = await Promise.all([store.obtain('a-1'), store.obtain('a-1'), store.obtain('a-2')]);
      expect(one).toEqual({ version: 1, secret: expect.any(Buffer) });
      expect(one.secret).toHaveLength(32);
      expect(same).toEqual(one);
      expect(await store.obtain('a-1')).toEqual(one);
      expect(await store.find('a-1')).toEqual(one);
      expect(other.secret.equals(one.secret)).toBe(false);
    });

    test('makes no key for who only looks', async () => {
      const store = fresh();
      expect(await store.find('a-1')).toBeUndefined();
      await store.obtain('a-2');
      expect(await store.find('a-1')).toBeUndefined();
    });

    test('erases for ever, one subject only, and once more does no harm', async () => {
      const store = fresh();
      const kept = await store.obtain('a-1');
      await store.obtain('a-2');
      for (const _ of [1, 2]) {
        await store.erase('a-2');
        expect(await store.find('a-2')).toBe('erased');
        await expect(store.obtain('a-2')).rejects.toBeInstanceOf(SubjectErased);
      }
      expect(await store.find('a-1')).toEqual(kept);
    });

    test('erases who never had a key, so that nobody gets one later', async () => {
      const store = fresh();
      await store.erase('a-1');
      await expect(store.obtain('a-1')).rejects.toBeInstanceOf(SubjectErased);
    });

    test('remembers of each log how far erasures were carried out', async () => {
      const store = fresh();
      expect(await store.progress('log-1')).toBe('no-keys');
      await store.obtain('a-1');
      expect(await store.progress('log-1')).toBeUndefined();
      await store.carriedOut({ log: 'log-1', position: 7n });
      await store.carriedOut({ log: 'log-2', position: 2n ** 63n - 1n });
      await store.carriedOut({ log: 'log-1', position: 8n });
      expect([await store.progress('log-1'), await store.progress('log-2')]).toEqual([8n, 2n ** 63n - 1n]);
    });

    test('lets nobody be looked for before there is a key, and notes what was carried out before that with the first', async () => {
      const store = fresh();
      expect(await store.whoHas('ada@example.org')).toEqual([]);
      await expect(store.remember('a-1', 'ada@example.org')).rejects.toBeInstanceOf(SubjectErased);
      await store.carriedOut({ log: 'log-1', position: 7n });
      expect(await store.progress('log-1')).toBe('no-keys');
      await store.obtain('a-1');
      expect(await store.progress('log-1')).toBe(7n);
    });

    test('finds subjects by what was remembered of them, until they are erased', async () => {
      const store = fresh();
      for (const subject of ['a-1', 'a-2', 'a-3']) await store.obtain(subject);
      for (const subject of ['a-3', 'a-1', 'a-1']) await store.remember(subject, 'ada@example.org');
      await store.remember('a-1', 'ada@example.com');
      expect(await store.whoHas('ada@example.org')).toEqual(['a-1', 'a-3']);
      expect(await store.whoHas('ada@example.com')).toEqual(['a-1']);
      expect(await store.whoHas('ada@example.net')).toEqual([]);
      await store.erase('a-1');
      expect(await store.whoHas('ada@example.org')).toEqual(['a-3']);
      expect(await store.whoHas('ada@example.com')).toEqual([]);
      await expect(store.remember('a-1', 'ada@example.org')).rejects.toBeInstanceOf(SubjectErased);
    });

    test('is unavailable once closed', async () => {
      const store = fresh();
      await store.obtain('a-1');
      await store.close();
      const calls = [
        () => store.obtain('a-1'),
        () => store.find('a-1'),
        () => store.erase('a-1'),
        () => store.whoHas('a'),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(KeyStoreUnavailable);
    });

    if (again) {
      test('keeps keys, erasures and progress without being closed', async () => {
        const store = fresh();
        const kept = await store.obtain('a-1');
        await store.obtain('a-2');
        await store.erase('a-2');
        await store.remember('a-1', 'ada@example.org');
        await store.carriedOut({ log: 'log-1', position: 7n });
        const later = again(store);
        opened.push(later);
        expect(await later.find('a-1')).toEqual(kept);
        expect(await later.find('a-2')).toBe('erased');
        expect(await later.progress('log-1')).toBe(7n);
        expect(await later.whoHas('ada@example.org')).toEqual(['a-1']);
        const [mine, theirs] = await Promise.all([store.obtain('a-3'), later.obtain('a-3')]);
        expect(mine).toEqual(theirs);
      });
    }
  });
}
