import type { Instant } from '../domain/fact.js';
import type { Arrival } from '../domain/stock/stock.events.js';
import type { Document, ViewDefinition } from './projection.js';

/**
 * Units that one location sent to another: `_id` is `transferKey(sku, from, transferId)`.
 * `status`    `in-transit` until they have arrived: until then they are on hand nowhere
 * `arrives`   `at-once`: the ledger takes them in by itself; `when-received`: whoever gets them says so
 * `sentAt`, `arrivedAt`  business times
 * `revision`  of the stream that changed it last: where it left, or once it has arrived, where it went; decimal
 * While its leaving has not been seen yet, `sentAt` is absent, and it is in no list.
 */
export type TransferDocument = Document &
  Readonly<{
    sku: string;
    transferId: string;
    from: string;
    to: string;
    quantity: number;
    status: 'in-transit' | 'arrived';
    arrives: Arrival;
    reason?: string;
    sentAt?: Instant;
    arrivedAt?: Instant;
    revision: string;
  }>;

/** No part can hold an `@` or a `/`. */
export const transferKey = (sku: string, from: string, transferId: string): string => `${sku}@${from}/${transferId}`;

const ifSent = <K>({ sentAt }: TransferDocument, key: (sentAt: Instant) => K): K | undefined =>
  sentAt === undefined ? undefined : key(sentAt);

export const transfersView: ViewDefinition<TransferDocument> = {
  name: 'transfers',
  version: 1,
  indexes: {
    /** [sent at] */
    sent: { parts: ['text'], of: (document) => ifSent(document, (sentAt) => [sentAt]) },
    /** [status, sent at] */
    status: { parts: ['text', 'text'], of: (document) => ifSent(document, (sentAt) => [document.status, sentAt]) },
    /** [location that they go to, status, sent at] */
    to: {
      parts: ['text', 'text', 'text'],
      of: (document) => ifSent(document, (sentAt) => [document.to, document.status, sentAt]),
    },
    /** [location that they come from, status, sent at] */
    from: {
      parts: ['text', 'text', 'text'],
      of: (document) => ifSent(document, (sentAt) => [document.from, document.status, sentAt]),
    },
    /** [sent at], of those that the ledger has to take in */
    due: {
      parts: ['text'],
      of: (document) =>
        document.status === 'in-transit' && document.arrives === 'at-once'
          ? ifSent(document, (sentAt) => [sentAt])
          : undefined,
    },
  },
};
