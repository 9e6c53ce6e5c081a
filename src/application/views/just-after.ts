import type { Instant } from '../../domain/fact.js';

/** Sorts after an instant and before the next one: the (exclusive) end of a walk that takes in what is due at `at`. */
export const justAfter = (at: Instant): string => `${at} `;
