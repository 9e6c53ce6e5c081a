import type { Instant } from './fact.js';

const SHAPE =
  /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$/;

/**
 * Whether `text` is an `Instant` in the one form that compares as text. A day past the end of its month is let
 * through: it still sorts between the last day and the first of the next.
 */
export const isInstant = (text: string): text is Instant => SHAPE.test(text);
