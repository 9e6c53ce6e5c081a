import { hash } from 'node:crypto';

/** Words of a slot: 64 bits of the id's SHA-256, then the revision, one up, so that 0 is an empty slot. */
const SLOT = 3;
const SMALLEST = 8;

/**
 * Command ids with revisions, 12 bytes each and some room: a map that forgets the ids themselves. What it says to have may
 * be another id of the same 64 bits, so whoever asks reads the event and compares; what it does not have was never added.
 * Source: open addressing with linear probing, at most three quarters full. Revisions stay below 2^32 − 1.
 */
export class CommandIndex {
  #slots = new Uint32Array(SMALLEST * SLOT);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param entries what `entries` gave before */
  static from(entries: Uint32Array): CommandIndex {
    const index = new CommandIndex();
    index.#resize(slotsFor(entries.length / SLOT));
    for (let at = 0; at < entries.length; at += SLOT) {
      index.#put(entries[at] as number, entries[at + 1] as number, (entries[at + 2] as number) + 1);
    }
    return index;
  }

  /** An id may be added again, with a newer revision. @throws RangeError a revision that does not fit */
  add(commandId: string, revision: number): void {
    if (revision >= 2 ** 32 - 1) throw new RangeError(`Revision ${revision} is beyond what an index of commands holds`);
    this.#resize(slotsFor(this.#size + 1));
    const [high, low] = fingerprint(commandId);
    this.#put(high, low, revision + 1);
  }

  /** Revisions that may be of this command, the newest first. */
  candidates(commandId: string): readonly number[] {
    if (this.#size === 0) return [];
    const [high, low] = fingerprint(commandId);
    const found: number[] = [];
    const slots = this.#slots;
    for (let at = this.#first(low); slots[at + 2] !== 0; at = this.#after(at)) {
      if (slots[at] === high && slots[at + 1] === low) found.push((slots[at + 2] as number) - 1);
    }
    return found.sort((a, b) => b - a);
  }

  /** Everything that it holds, in a copy: 64 bits and a revision for each. */
  entries(): Uint32Array<ArrayBuffer> {
    const entries = new Uint32Array(this.#size * SLOT);
    const slots = this.#slots;
    let to = 0;
    for (let at = 0; at < slots.length; at += SLOT) {
      const revision = slots[at + 2] as number;
      if (revision === 0) continue;
      entries[to++] = slots[at] as number;
      entries[to++] = slots[at + 1] as number;
      entries[to++] = revision - 1;
    }
    return entries;
  }

  #resize(slots: number): void {
    if (slots * SLOT <= this.#slots.length) return;
    const entries = this.entries();
    this.#slots = new Uint32Array(slots * SLOT);
    this.#size = 0;
    for (let at = 0; at < entries.length; at += SLOT) {
      this.#put(entries[at] as number, entries[at + 1] as number, (entries[at + 2] as number) + 1);
    }
  }

  #put(high: number, low: number, revision: number): void {
    const slots = this.#slots;
    let at = this.#first(low);
    while (slots[at + 2] !== 0) at = this.#after(at);
    slots[at] = high;
    slots[at + 1] = low;
    slots[at + 2] = revision;
    this.#size += 1;
  }

  #first(low: number): number {
    return (low & (this.#slots.length / SLOT - 1)) * SLOT;
  }

  #after(at: number): number {
    return at + SLOT === this.#slots.length ? 0 : at + SLOT;
  }
}

/** A power of two. */
function slotsFor(entries: number): number {
  let slots = SMALLEST;
  while (entries > slots * 0.75) slots *= 2;
  return slots;
}

/** Two words of the id's SHA-256: a hash that nobody can make many ids collide in. */
function fingerprint(commandId: string): readonly [high: number, low: number] {
  const digest = hash('sha256', commandId, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
