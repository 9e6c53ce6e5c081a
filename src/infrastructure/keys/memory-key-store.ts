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
    return this.#open(() => void this.#keys.set(subject, 'erased'));
  }

  progress(log: string): Promise<bigint | undefined> {
    return this.#open(() => this.#progress.get(log));
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
