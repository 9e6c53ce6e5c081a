type Entry<V> = Readonly<{ key: string; value: V; weight: number }>;
/** `size` and `total` are the number and the summed weight of the entries in this subtree. */
type Node<V> = Entry<V> & Readonly<{ left: Tree<V>; right: Tree<V>; size: number; total: number }>;
type Tree<V> = Node<V> | undefined;

/**
 * A map sorted by key, as a value: `with` and `without` give a new map and leave this one as it was. Entries have a
 * weight, and the map knows the sum of any upper end of it. Everything takes O(log n), also on a version that history
 * has gone past, so a state may hold one and still be folded and forked freely.
 * Source: weight-balanced tree with the parameters (3, 2) of Hirai and Yamamoto, "Balancing weight-balanced trees",
 * Journal of Functional Programming 21 (2011).
 */
export class SortedMap<V> {
  private constructor(
    private readonly root: Tree<V>,
    private readonly weigh: (value: V) => number,
  ) {}

  /** `weigh` gives an entry's weight; without it, every entry weighs nothing. Sums must stay safe integers. */
  static empty<V>(weigh: (value: V) => number = nothing): SortedMap<V> {
    return new SortedMap<V>(undefined, weigh);
  }

  get size(): number {
    return sizeOf(this.root);
  }

  /** The summed weight of all entries. */
  get total(): number {
    return totalOf(this.root);
  }

  get(key: string): V | undefined {
    let tree = this.root;
    while (tree && tree.key !== key) tree = key < tree.key ? tree.left : tree.right;
    return tree?.value;
  }

  /** The entry with the smallest key. */
  first(): readonly [key: string, value: V] | undefined {
    let tree = this.root;
    while (tree?.left) tree = tree.left;
    return tree && [tree.key, tree.value];
  }

  /** The summed weight of the entries whose key sorts after `key`. */
  totalAfter(key: string): number {
    let sum = 0;
    let tree = this.root;
    while (tree) {
      if (tree.key > key) sum += tree.weight + totalOf(tree.right);
      tree = tree.key > key ? tree.left : tree.right;
    }
    return sum;
  }

  /** Adds the entry, or puts it in the place of the one that has its key. */
  with(key: string, value: V): SortedMap<V> {
    return new SortedMap(inserted(this.root, { key, value, weight: this.weigh(value) }), this.weigh);
  }

  /** The map without that key; without any such entry, an equal map. */
  without(key: string): SortedMap<V> {
    return new SortedMap(removed(this.root, key), this.weigh);
  }

  /**
   * A map of these entries alone, weighed as this one's. Takes O(n).
   * @param entries  by key, ascending, each key once
   * @throws TypeError they are not
   */
  filled(entries: readonly (readonly [key: string, value: V])[]): SortedMap<V> {
    const unsorted = entries.find(([key], at) => at > 0 && key <= (entries[at - 1] as readonly [string, V])[0]);
    if (unsorted) throw new TypeError(`${unsorted[0]} is not where its key belongs`);
    return new SortedMap(built(entries, 0, entries.length, this.weigh), this.weigh);
  }

  /** By key, ascending. */
  *entries(): IterableIterator<readonly [key: string, value: V]> {
    yield* walked(this.root);
  }
}

const nothing = (): number => 0;

/** A side may be at most this many times as heavy as the other. */
const DELTA = 3;
/** From here on the inner grandchild is too heavy for a single rotation. */
const RATIO = 2;

const sizeOf = <V>(tree: Tree<V>): number => tree?.size ?? 0;
const totalOf = <V>(tree: Tree<V>): number => tree?.total ?? 0;

const node = <V>(left: Tree<V>, { key, value, weight }: Entry<V>, right: Tree<V>): Node<V> => ({
  key,
  value,
  weight,
  left,
  right,
  size: sizeOf(left) + 1 + sizeOf(right),
  total: totalOf(left) + weight + totalOf(right),
});

/** The tree of `entries` from `from` up to `to`, as flat as can be. */
function built<V>(
  entries: readonly (readonly [key: string, value: V])[],
  from: number,
  to: number,
  weigh: (value: V) => number,
): Tree<V> {
  const middle = (from + to) >> 1;
  const entry = from < to && entries[middle];
  if (!entry) return undefined;
  const [key, value] = entry;
  const left = built(entries, from, middle, weigh);
  return node(left, { key, value, weight: weigh(value) }, built(entries, middle + 1, to, weigh));
}

function inserted<V>(tree: Tree<V>, entry: Entry<V>): Node<V> {
  if (!tree) return node(undefined, entry, undefined);
  if (entry.key === tree.key) return node(tree.left, entry, tree.right);
  return entry.key < tree.key
    ? balanced(inserted(tree.left, entry), tree, tree.right)
    : balanced(tree.left, tree, inserted(tree.right, entry));
}

function removed<V>(tree: Tree<V>, key: string): Tree<V> {
  if (!tree) return undefined;
  if (key < tree.key) return balanced(removed(tree.left, key), tree, tree.right);
  if (key > tree.key) return balanced(tree.left, tree, removed(tree.right, key));
  if (!tree.left || !tree.right) return tree.left ?? tree.right;
  const next = smallest(tree.right);
  return balanced(tree.left, next, removed(tree.right, next.key));
}

const smallest = <V>(tree: Node<V>): Node<V> => (tree.left ? smallest(tree.left) : tree);

/** A node whose sides may have drifted apart by one entry, put right with at most two rotations. */
function balanced<V>(left: Tree<V>, entry: Entry<V>, right: Tree<V>): Node<V> {
  if (sizeOf(left) + sizeOf(right) < 2) return node(left, entry, right);
  if (right && right.size > DELTA * sizeOf(left)) return raisedRight(left, entry, right);
  if (left && left.size > DELTA * sizeOf(right)) return raisedLeft(left, entry, right);
  return node(left, entry, right);
}

function raisedRight<V>(left: Tree<V>, entry: Entry<V>, right: Node<V>): Node<V> {
  const inner = right.left;
  return inner && inner.size >= RATIO * sizeOf(right.right)
    ? node(node(left, entry, inner.left), inner, node(inner.right, right, right.right))
    : node(node(left, entry, inner), right, right.right);
}

function raisedLeft<V>(left: Node<V>, entry: Entry<V>, right: Tree<V>): Node<V> {
  const inner = left.right;
  return inner && inner.size >= RATIO * sizeOf(left.left)
    ? node(node(left.left, left, inner.left), inner, node(inner.right, entry, right))
    : node(left.left, left, node(inner, entry, right));
}

function* walked<V>(tree: Tree<V>): IterableIterator<readonly [key: string, value: V]> {
  if (!tree) return;
  yield* walked(tree.left);
  yield [tree.key, tree.value];
  yield* walked(tree.right);
}
