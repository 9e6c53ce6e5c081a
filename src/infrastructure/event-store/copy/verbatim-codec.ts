import type { EventCodec, StoredData } from '../codec/event-codec.js';

/** An event whose data is what is stored, of whatever version, unread: `data` is a `StoredData`. */
export const storedData = (data: object): StoredData => data as StoredData;

/** Hands stored data through as it stands, also of types and versions that this build does not know. For stores that are copied. */
export const verbatimCodec: EventCodec = {
  encode: ({ data }) => storedData(data),
  decode: (_type, stored) => stored,
};
