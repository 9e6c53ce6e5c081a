import { describe, expect, test } from '@jest/globals';
import { SortedMap } from '../../src/domain/sorted-map.js';
import { stateCodec } from '../../src/domain/state-codec.js';

type State = Readonly<{
  count: number;
  name: string;
  weighed: SortedMap<{ quantity: number }>;
  plain: SortedMap<string>;
}>;
const initial: State = {
  count: 0,
  name: '',
  weighed: SortedMap.empty(({ quantity }) => quantity),
  plain: SortedMap.empty(),
};
const codec = stateCodec(3, initial);
const throughJson = (state: State, by = codec) =>
  by.load([...codec.save(state)].map((piece): unknown => JSON.parse(JSON.stringify(piece))));
const filled = (entries: number): State => {
  const numbered = Array.from({ length: entries }, (_, n) => [String(n).padStart(6, '0'), { quantity: n }] as const);
  return { count: 7, name: 'ä', weighed: initial.weighed.filled(numbered), plain: initial.plain.with('k', 'v') };
};

describe('a saved state', () => {
  test.each([0, 1, 999, 1_000, 1_001, 2_500])('comes back whole, with %d entries', (entries) => {
    const state = filled(entries);
    const back = throughJson(state);
    expect({ ...back, weighed: [...back.weighed.entries()], plain: [...back.plain.entries()] }).toEqual({
      ...state,
      weighed: [...state.weighed.entries()],
      plain: [['k', 'v']],
    });
  });

  test('has maps that weigh, take and give as those did that were saved', () => {
    const { weighed } = throughJson(filled(100));
    expect(weighed.total).toBe(4_950);
    expect(weighed.with('~', { quantity: 50 }).without('000099').total).toBe(4_901);
    expect(throughJson(initial).weighed.with('k', { quantity: 2 }).total).toBe(2);
  });

  test('is saved in pieces that are small whatever the state is', () => {
    const pieces = [...codec.save(filled(10_000))];
    expect(Math.max(...pieces.map((piece) => JSON.stringify(piece).length))).toBeLessThan(100_000);
  });

  test('that is not of these fields is not loaded', () => {
    const { name: _, ...without } = initial;
    const more = { ...initial, more: 1 };
    const another = { ...initial, other: SortedMap.empty<string>() };
    const pieces = (state: State) => [...codec.save(state)];
    expect(() => stateCodec(3, without).load(pieces(initial))).toThrow(TypeError);
    expect(() => stateCodec(3, more).load(pieces(initial))).toThrow(TypeError);
    expect(() =>
      codec.load([...stateCodec(3, another).save({ ...another, other: another.other.with('k', 'v') })]),
    ).toThrow(TypeError);
    for (const nonsense of [
      [],
      [null],
      [...pieces(initial), 7],
      ['text'],
      [[{}, []]],
      [[{ count: 1, name: '' }, ['weighed']]],
    ]) {
      expect(() => codec.load(nonsense)).toThrow(TypeError);
    }
  });

  test('whose entries are out of order is not loaded', () => {
    const pieces = [...codec.save(initial), ['plain', [['b', '1'], ['a', '2']]]]; // prettier-ignore
    expect(() => codec.load(pieces)).toThrow(TypeError);
  });
});
