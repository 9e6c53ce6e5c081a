import type { MongoClientOptions } from 'mongodb';

/** What the server may take for one command; then it gives up by itself. */
export const MAX_TIME_MS = 8_000;

/**
 * Every call ends: with an answer, or an error after `serverSelectionTimeoutMS` without a primary, `connectTimeoutMS`,
 * `waitQueueTimeoutMS` without a free connection or `socketTimeoutMS` without a word, the driver trying once more where
 * that is safe. These stand above what the URL says.
 *
 * `ignoreUndefined`: a field that is undefined is left out, as in JSON.
 */
export const clientOptions: MongoClientOptions = {
  appName: 'commerce-ledger',
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 10_000,
  waitQueueTimeoutMS: 10_000,
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: MAX_TIME_MS },
  ignoreUndefined: true,
};
