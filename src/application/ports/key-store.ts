/**
 * What one subject's personal fields are sealed under.
 * `version`  1 for the first key of a subject, the only one there is by now; part of everything that is sealed
 * `secret`   32 random bytes; never logged, never in an event or a view
 */
export type SubjectKey = Readonly<{ version: number; secret: Buffer }>;

/** How far the log has been read for erasures. `log` is `EventStore.identity`, whose position it is. */
export type ErasureProgress = Readonly<{ log: string; position: bigint }>;

/**
 * A key for each subject, kept apart from the log and its backups, so that it can be destroyed where the log cannot.
 * A subject is named by its stream (`customer-cus_1`). What is answered is durable.
 */
export interface KeyStore {
  /**
   * The subject's key, made where there is none yet. Of several who ask at once, all get the same.
   * @throws SubjectErased        for ever after `erase`
   * @throws KeyStoreUnavailable  repeat it
   */
  obtain(subject: string): Promise<SubjectKey>;
  /**
   * `undefined` where there never was one.
   * @throws KeyStoreUnavailable
   */
  find(subject: string): Promise<SubjectKey | 'erased' | undefined>;
  /**
   * Destroys the subject's key, if it has one, and lets it never have another. Safe to repeat.
   * @throws KeyStoreUnavailable the key may still be there; repeat it
   */
  erase(subject: string): Promise<void>;

  /**
   * Remembers that the subject may be looked for by `text`. Kept is a digest of it under a secret of this store, until the
   * subject's key is destroyed.
   * @throws SubjectErased  also where there is no key yet
   * @throws KeyStoreUnavailable
   */
  remember(subject: string, text: string): Promise<void>;
  /**
   * Subjects that `text` was remembered of, the first to get a key first. It may no longer be so, or never have come to be.
   * @throws KeyStoreUnavailable
   */
  whoHas(text: string): Promise<readonly string[]>;

  /**
   * How far erasures were carried out, as `carriedOut` last said of this log; `undefined` before. It is kept with the
   * keys, so that keys put back from a backup bring an older one along, and what was erased since is erased again.
   * `no-keys` while no key was ever made: then there is nothing to destroy.
   */
  progress(log: string): Promise<bigint | 'no-keys' | undefined>;
  /**
   * Makes no store where there is none: it is then written with the first key that this process makes.
   * @throws KeyStoreUnavailable
   */
  carriedOut(progress: ErasureProgress): Promise<void>;

  close(): Promise<void>;
}

/** Injection token of the `KeyStore`. */
export const KEY_STORE = Symbol('KeyStore');

/** The subject's key was destroyed, so nothing can be sealed or read under it any more. */
export class SubjectErased extends Error {
  override readonly name = 'SubjectErased';
  constructor(readonly subject: string) {
    super(`The key of ${subject} was destroyed`);
  }
}

/** The store did not answer, is full, locked or closed. */
export class KeyStoreUnavailable extends Error {
  override readonly name: string = 'KeyStoreUnavailable';
}
