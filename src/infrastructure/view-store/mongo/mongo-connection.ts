import { MongoClient, type MongoClientOptions } from 'mongodb';
import { ConfigError } from '../../config/config.js';

/** What the server may take for one command; then it gives up by itself. */
export const MAX_TIME_MS = 8_000;

/** How long the driver waits for each: a primary, a connection to it, a free one, and a word on it. */
export const DEFAULT_PATIENCE_MS = 10_000;

/**
 * Every call ends: with an answer, or an error after one or another patience, the driver trying once more where that is
 * safe. This stands above what the URL says.
 *
 * `ignoreUndefined`: a field that is undefined is left out, as in JSON.
 */
const clientOptions = (patienceMs: number): MongoClientOptions => ({
  appName: 'commerce-ledger',
  serverSelectionTimeoutMS: patienceMs,
  connectTimeoutMS: patienceMs,
  waitQueueTimeoutMS: patienceMs,
  socketTimeoutMS: patienceMs,
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: MAX_TIME_MS },
  ignoreUndefined: true,
});

/** @throws ConfigError in the driver's words, unless they quote a secret of the URL */
export function clientFor(url: string, patienceMs = DEFAULT_PATIENCE_MS): MongoClient {
  try {
    return new MongoClient(url, clientOptions(patienceMs));
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const quotes = secretsOf(url).some((secret) => cause.message.includes(secret));
    const message = quotes ? "is not a connection string that MongoDB's driver takes." : `${cause.message}.`;
    throw new ConfigError([{ setting: 'MONGODB_URL', message }]);
  }
}

/** What stands before the `@`, the password by itself, and the values of options that may hold one. */
function secretsOf(url: string): readonly string[] {
  const credentials = /\/\/(.*)@/s.exec(url)?.[1] ?? '';
  const options = new URLSearchParams(/\?(.*)$/s.exec(url)?.[1] ?? '');
  const hidden = [...options].filter(([name]) => /password|properties/i.test(name)).map(([, value]) => value);
  return [credentials, credentials.replace(/^[^:]*:/, ''), ...hidden].filter((secret) => secret !== '');
}
