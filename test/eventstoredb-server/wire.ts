import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type * as shared from '@eventstore/db-client/generated/shared_pb.js';
import type * as streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Proposed, Stored } from './event-log.js';

/** Between protobuf messages and what the server keeps. */

type ProposedMessage = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

export function proposedOf(message: ProposedMessage): Proposed {
  const map = message.getMetadataMap();
  return {
    id: message.getId()?.getString().toLowerCase() ?? '',
    type: map.get('type') ?? '',
    contentType: map.get('content-type') ?? 'application/octet-stream',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export const streamNameOf = (identifier: shared.StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

export function identifierOf(name: string): shared.StreamIdentifier {
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name));
  return identifier;
}

export function eventMessage(event: Stored): streams.ReadResp {
  const recorded = new streamsPb.ReadResp.ReadEvent.RecordedEvent();
  const id = new sharedPb.UUID();
  id.setString(event.id);
  recorded.setId(id);
  recorded.setStreamIdentifier(identifierOf(event.stream));
  recorded.setStreamRevision(String(event.revision));
  recorded.setCommitPosition(String(event.commit));
  recorded.setPreparePosition(String(event.prepare));
  const map = recorded.getMetadataMap();
  map.set('type', event.type).set('content-type', event.contentType).set('created', event.created);
  recorded.setCustomMetadata(event.metadata);
  recorded.setData(event.data);
  const read = new streamsPb.ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(String(event.commit));
  return new streamsPb.ReadResp().setEvent(read);
}

export function checkpointMessage(commit: number, prepare: number): streams.ReadResp {
  const checkpoint = new streamsPb.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(commit)).setPreparePosition(String(prepare));
  return new streamsPb.ReadResp().setCheckpoint(checkpoint);
}

export const caughtUpMessage = (): streams.ReadResp =>
  new streamsPb.ReadResp().setCaughtUp(new streamsPb.ReadResp.CaughtUp());

export function confirmationMessage(): streams.ReadResp {
  const confirmation = new streamsPb.ReadResp.SubscriptionConfirmation();
  return new streamsPb.ReadResp().setConfirmation(confirmation.setSubscriptionId(crypto.randomUUID()));
}

export function notFoundMessage(name: string): streams.ReadResp {
  const notFound = new streamsPb.ReadResp.StreamNotFound().setStreamIdentifier(identifierOf(name));
  return new streamsPb.ReadResp().setStreamNotFound(notFound);
}

/** A refusal as the server's `RpcExceptions` make it: what it is stands in the trailer `exception`. */
export function refusal(
  code: status,
  exception: string,
  details: string,
  trailers: Record<string, string> = {},
): Partial<StatusObject> & { code: status; details: string } {
  const metadata = new Metadata();
  metadata.set('exception', exception);
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details, metadata };
}

export const REFUSALS = {
  unavailable: () => ({ code: status.UNAVAILABLE, details: 'The server is going down' }),
  cancelled: () => ({ code: status.CANCELLED, details: 'The server cancelled the call' }),
  accessDenied: () => refusal(status.PERMISSION_DENIED, 'access-denied', 'Access Denied'),
  streamDeleted: (name: string) =>
    refusal(status.FAILED_PRECONDITION, 'stream-deleted', `Event stream '${name}' is deleted.`, {
      'stream-name': name,
    }),
  wrongExpectedVersion: (name: string, expected: number, actual: number) =>
    refusal(status.FAILED_PRECONDITION, 'wrong-expected-version', `Append failed due to WrongExpectedVersion.`, {
      'stream-name': name,
      'expected-version': String(expected),
      ...(actual >= 0 && { 'actual-version': String(actual) }),
    }),
  tooLarge: (limit: number) =>
    refusal(status.INVALID_ARGUMENT, 'maximum-append-size-exceeded', `Maximum Append Size of ${limit} Exceeded.`, {
      'maximum-append-size': String(limit),
    }),
  notLeader: ({ host, port }: Readonly<{ host: string; port: number }>) =>
    refusal(status.NOT_FOUND, 'not-leader', `Leader info available`, {
      'leader-endpoint-host': host,
      'leader-endpoint-port': String(port),
    }),
  invalidPosition: () => ({ code: status.INVALID_ARGUMENT, details: 'Trying to read from an invalid position' }),
};
