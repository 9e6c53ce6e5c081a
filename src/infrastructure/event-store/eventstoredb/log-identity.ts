import { randomUUID } from 'node:crypto';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { StoreUnavailable } from '../../../application/ports/event-store.js';
import { object, ShapeMismatch, text } from '../codec/codec.js';
import type { AppendRequest } from './append-call.js';
import { identifierOf, streamRequest } from './requests.js';
import { dataTextOf, proposedMessage, type StoredMessage } from './stored-event.js';

/**
 * Where a log has its identity: the first event of a stream that is none of the ledger's. The type begins as those of
 * the server's own events do, so that no reader of the log takes it for one of the ledger's.
 */
export const IDENTITY_STREAM = '_commerce-ledger';
const IDENTITY_TYPE = '$LedgerMade';
const made = object<{ identity: string }>({ identity: text });

/** Gives the log an identity, unless it has one: the stream has to be new. */
export function identityRequest(): AppendRequest {
  const options = new streamsPb.BatchAppendReq.Options().setStreamIdentifier(identifierOf(IDENTITY_STREAM));
  const json = JSON.stringify(made.encode({ identity: randomUUID() }));
  return { options: options.setNoStream(new sharedPb.Empty()), messages: [proposedMessage(IDENTITY_TYPE, json)] };
}

export const identityQuery = (): ReadReq => streamRequest(IDENTITY_STREAM, 0n, 'forward', 1);

/**
 * Refuses a server that holds another log than the one whose identity is `opened`, or none any more.
 * @throws StoreUnavailable
 */
export function refuseAnotherLog(opened: string, found: StoredMessage | undefined): void {
  if (!found) {
    const remedy = 'Put it back; to begin with an empty log takes other views, and the process started again';
    throw new StoreUnavailable(`EventStoreDB has lost the log that this process opened. ${remedy}`);
  }
  if (identityOf(found) === opened) return;
  const remedy = 'Put that one back, or start the process again to go on with this one';
  throw new StoreUnavailable(`EventStoreDB holds another log than the one that this process opened. ${remedy}`);
}

/** `undefined` if the event says nothing of an identity. */
export function identityOf(message: StoredMessage): string | undefined {
  try {
    return made.decode(JSON.parse(dataTextOf(message))).identity;
  } catch (cause) {
    if (cause instanceof ShapeMismatch || cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
