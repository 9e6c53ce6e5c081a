import {
  MalformedEventStoreUrl,
  parseEventStoreUrl,
  redactedEventStoreUrl,
} from '../event-store/eventstoredb/connection-string.js';

/** `url` with its credentials, for the adapter; `shown` is fit for people and logs. */
export type EventStoreSetting = Readonly<{ url: string; shown: string }>;

/** @returns the setting, or why it is none, in words that hold nothing of it that may be secret */
export function eventStoreSetting(url: string): EventStoreSetting | string {
  try {
    return { url, shown: redactedEventStoreUrl(parseEventStoreUrl(url)) };
  } catch (error) {
    if (error instanceof MalformedEventStoreUrl) return error.message;
    throw error;
  }
}
