/** Figures computed elsewhere from the same file, as JSON. Remembers which of them were asked for. */
export class Truth {
  readonly #read = new Set<string>();

  private constructor(private readonly root: Readonly<Record<string, unknown>>) {}

  /** @throws NotATruth */
  static parse(text: string): Truth {
    let root: unknown;
    try {
      root = JSON.parse(text);
    } catch (cause) {
      throw new NotATruth('is not JSON', { cause });
    }
    if (!isRecord(root)) throw new NotATruth('is not a JSON object');
    return new Truth(root);
  }

  /** A whole number; `undefined` where the file does not have it. @throws NotATruth it is something else */
  integer(...path: readonly string[]): bigint | undefined {
    const value = this.#take(path);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    throw new NotATruth(`has no whole number at ${path.join(' › ')}`);
  }

  /** A decimal written as text. */
  decimal(...path: readonly string[]): string | undefined {
    const value = this.#take(path);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return value;
    throw new NotATruth(`has no decimal text at ${path.join(' › ')}`);
  }

  text(...path: readonly string[]): string | undefined {
    const value = this.#take(path);
    if (value === undefined || typeof value === 'string') return value;
    throw new NotATruth(`has no text at ${path.join(' › ')}`);
  }

  /** Names of the fields, or indexes of the list, at `path`; none where there is nothing. */
  keys(...path: readonly string[]): readonly string[] {
    const value = this.#at(path);
    return Array.isArray(value) || isRecord(value) ? Object.keys(value) : [];
  }

  /** What nobody asked for; a part of which nothing was asked for stands for all below it. */
  unread(): readonly string[] {
    return this.#unreadBelow([], this.root).paths;
  }

  #unreadBelow(path: readonly string[], value: unknown): Readonly<{ paths: readonly string[]; wholly: boolean }> {
    const here = path.join(' › ');
    if (!Array.isArray(value) && !isRecord(value)) {
      return this.#read.has(JSON.stringify(path)) ? { paths: [], wholly: false } : { paths: [here], wholly: true };
    }
    const below = Object.entries(value).map(([key, child]) => this.#unreadBelow([...path, key], child));
    if (path.length > 0 && below.every(({ wholly }) => wholly)) return { paths: [here], wholly: true };
    return { paths: below.flatMap(({ paths }) => paths), wholly: false };
  }

  #take(path: readonly string[]): unknown {
    this.#read.add(JSON.stringify(path));
    return this.#at(path);
  }

  #at(path: readonly string[]): unknown {
    let value: unknown = this.root;
    for (const key of path) {
      if (Array.isArray(value)) value = (value as unknown[])[Number(key)];
      else if (isRecord(value) && Object.hasOwn(value, key)) value = value[key];
      else return undefined;
    }
    return value;
  }
}

/** The file is not one of figures. */
export class NotATruth extends Error {
  override readonly name = 'NotATruth';
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
