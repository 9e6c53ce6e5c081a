import type { Cursor } from '../ports/view-store.js';

/** One page of a list. `limit` 1 to 200; `after` is where the page before it ended. */
export type PageRequest = Readonly<{ limit: number; after?: Cursor }>;
