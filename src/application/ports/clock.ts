/** The time, from outside. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
}

/** Injection token of the `Clock`. */
export const CLOCK = Symbol('Clock');
