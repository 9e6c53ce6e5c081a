import { afterEach, describe, expect, test } from '@jest/globals';
import {
  SnapshotStoreUnavailable,
  SnapshotUnusable,
  type Snapshot,
  type SnapshotStore,
} from '../../src/application/ports/snapshot-store.js';

export const head = {
  revision: 41n,
  position: 2n ** 60n,
  id: '6f1f1a52-0000-5000-8000-000000000001',
  recordedAt: '2026-03-01T12:00:00.123Z',
};
export const snapshotOf = (stream: string, more: Partial<Snapshot> = {}): Snapshot => ({
  stream,
  version: 1,
  head,
  state: [{ onHand: 3, text: 'ä😀' }, ['map', [['key', { nested: [1, 2] }]]]],
  commands: new Uint32Array([1, 2, 3, 2 ** 32 - 1, 0, 5]),
  ...more,
});

/** What every store of snapshots promises. `open` gives a new, empty one. */
export function describeSnapshotStore(adapter: string, open: () => SnapshotStore): void {
  describe(adapter, () => {
    const opened: SnapshotStore[] = [];
    const fresh = (): SnapshotStore => {
      opened.push(open());
      return opened.at(-1)!;
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    test('has nothing of a stream that was never written', async () => {
      const store = fresh();
      await store.write(snapshotOf('stock-A@main'));
      expect(await store.read('stock-B@main', 1)).toBeUndefined();
    });

    test('gives back exactly what was written, and of each stream its own', async () => {
      const store = fresh();
      const written = ['stock-A@main', 'stock-a@main', `stock-/../${'x'.repeat(190)}`].map((stream, n) =>
        snapshotOf(stream, { head: { ...head, revision: BigInt(n) } }),
      );
      for (const snapshot of written) await store.write(snapshot);
      for (const snapshot of written) expect(await store.read(snapshot.stream, 1)).toEqual(snapshot);
    });

    test('takes a state piece by piece, as large as it is, and one of nothing', async () => {
      const store = fresh();
      const pieces = Array.from({ length: 300 }, (_, n) => ({ n, text: 'x'.repeat(10_000) }));
      const commands = new Uint32Array(900_000).map((_, n) => n * 7);
      await store.write(snapshotOf('stock-A@main', { state: pieces.values(), commands }));
      const found = await store.read('stock-A@main', 1);
      expect(found?.state).toEqual(pieces);
      expect(found?.commands.length).toBe(commands.length);
      expect(found?.commands.findIndex((word, n) => word !== commands[n])).toBe(-1);
      await store.write(snapshotOf('stock-B@main', { state: [], commands: new Uint32Array() }));
      expect(await store.read('stock-B@main', 1)).toMatchObject({ state: [], commands: new Uint32Array() });
    });

    test('keeps the last one of a stream, and what was written whatever becomes of the writer’s own', async () => {
      const store = fresh();
      await store.write(snapshotOf('stock-A@main'));
      const commands = new Uint32Array([7, 8, 9]);
      const state = [{ onHand: 4 }];
      await store.write(snapshotOf('stock-A@main', { state, commands }));
      commands[0] = 0;
      state[0]!.onHand = 5;
      const found = await store.read('stock-A@main', 1);
      expect(found).toMatchObject({ state: [{ onHand: 4 }], commands: new Uint32Array([7, 8, 9]) });
      found!.commands[0] = 0;
      expect(await store.read('stock-A@main', 1)).toMatchObject({ commands: new Uint32Array([7, 8, 9]) });
    });

    test('does not give a state of another version', async () => {
      const store = fresh();
      await store.write(snapshotOf('stock-A@main'));
      for (const version of [0, 2]) {
        await expect(store.read('stock-A@main', version)).rejects.toBeInstanceOf(SnapshotUnusable);
      }
      await store.write(snapshotOf('stock-A@main', { version: 2 }));
      expect(await store.read('stock-A@main', 2)).toMatchObject({ version: 2 });
    });

    test('forgets one, and once more does no harm', async () => {
      const store = fresh();
      await store.write(snapshotOf('stock-A@main'));
      await store.write(snapshotOf('stock-B@main'));
      for (const _ of [1, 2]) await store.discard('stock-A@main');
      expect(await store.read('stock-A@main', 1)).toBeUndefined();
      expect(await store.read('stock-B@main', 1)).toBeDefined();
    });

    test('keeps the last one where the next cannot be saved', async () => {
      const store = fresh();
      await store.write(snapshotOf('stock-A@main'));
      const broken = function* () {
        yield { onHand: 4 };
        throw new Error('broken');
      };
      await expect(store.write(snapshotOf('stock-A@main', { state: broken() }))).rejects.toThrow(/broken/);
      expect(await store.read('stock-A@main', 1)).toEqual(snapshotOf('stock-A@main'));
    });

    test('has one of them, whole, when several are written at once', async () => {
      const store = fresh();
      const written = Array.from({ length: 10 }, (_, n) =>
        snapshotOf('stock-A@main', { state: [n, n, n], head: { ...head, revision: BigInt(n) } }),
      );
      await Promise.all(written.map((snapshot) => store.write(snapshot)));
      expect(written).toContainEqual(await store.read('stock-A@main', 1));
    });

    test('is unavailable once closed', async () => {
      const store = fresh();
      await store.write(snapshotOf('stock-A@main'));
      await store.close();
      const calls = [
        () => store.read('stock-A@main', 1),
        () => store.write(snapshotOf('stock-A@main')),
        () => store.discard('stock-A@main'),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(SnapshotStoreUnavailable);
    });
  });
}
