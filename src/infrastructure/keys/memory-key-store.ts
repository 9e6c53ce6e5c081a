import { randomBytes } from 'node:crypto';
import {
  KeyStoreUnavailable,
  SubjectErased,
  type ErasureProgress,
  type KeyStore,
  type SubjectKey,
} from '../../application/ports/key-store.js';

/** Keys in memory, for tests and for what lasts as long as the process. */
export class MemoryKeyStore implements KeyStore {
  readonly #keys = new Map<string, SubjectKey | 'erased'>();
  readonly #progress = new Map<string, bigint>();
  readonly #foundBy = new Map<string, Set<string>>();
  #isClosed = false;

  obtain(subject: string): Promise<SubjectKey> {
    return this.#open(() => {
      const known = this.#keys.get(subject);
      if (known === 'erased') throw new SubjectErased(subject);
      const key = known ?? { version: 1, secret: randomBytes(32) };
      this.#keys.set(subject, key);
      return key;
    });
  }

  find(subject: string): Promise<SubjectKey | 'erased' | undefined> {
    return this.#open(() => this.#keys.get(subject));
  }

  erase(subject: string): Promise<void> {
    return this.#open(() => {
      this.#keys.set(subject, 'erased');
      for (const subjects of this.#foundBy.values()) subjects.delete(subject);
    });
  }

  remember(subject: string, text: string): Promise<void> {
    return this.#open(() => {
      if (!this.#keys.has(subject) || this.#keys.get(subject) === 'erased') throw new SubjectErased(subject);
      this.#foundBy.set(text, (this.#foundBy.get(text) ?? new Set<string>()).add(subject));
    });
  }

  whoHas(text: string): Promise<readonly string[]> {
    return this.#open(() => {
      const found = this.#foundBy.get(text) ?? new Set<string>();
      return [...this.#keys.keys()].filter((subject) => found.has(subject));
    });
  }

  progress(log: string): Promise<bigint | 'no-keys' | undefined> {
    return this.#open(() => (this.#keys.size === 0 ? 'no-keys' : this.#progress.get(log)));
  }

  carriedOut({ log, position }: ErasureProgress): Promise<void> {
    return this.#open(() => void this.#progress.set(log, position));
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #open<T>(work: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new KeyStoreUnavailable('The key store is closed'));
    return new Promise((resolve) => resolve(work()));
  }
}
