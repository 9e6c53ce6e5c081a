import { Metadata, status, type handleBidiStreamingCall, type handleClientStreamingCall } from '@grpc/grpc-js';
import type { handleServerStreamingCall, handleUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import type { Code } from '@eventstore/db-client/generated/code_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type * as streams from '@eventstore/db-client/generated/streams_pb.js';
import type { EventLog, Expected, Proposed, WriteResult } from './event-log.js';
import type { Fault, Faults, Rpc } from './faults.js';
import { readAll, readStream, ReadRefused, subscribeToAll, subscribeToStream } from './reading.js';
import { proposedOf, REFUSALS, streamNameOf } from './wire.js';

/** What the service needs of the server it runs in. */
export type Node = Readonly<{
  log: EventLog;
  faults: Faults;
  /** Where the leader is, when it is not this node. */
  leaderElsewhere(): Readonly<{ host: string; port: number }> | undefined;
  /** Whether whoever calls may: rule A1. */
  admits(metadata: Metadata): boolean;
  /** Closes all sockets at once. */
  die(): void;
  /** Up to 25.0, any position may be read from. */
  takesInvalidPositions: boolean;
}>;

type Failure = Partial<{ code: status; details: string; metadata: Metadata }>;
const { ExpectedStreamRevisionCase } = streamsPb.AppendReq.Options;
const { ExpectedStreamPositionCase } = streamsPb.BatchAppendReq.Options;
/** As google.rpc.Code has it. */
const [INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED] = [3, 4, 5, 6, 7] as const;

/** `event_store.client.streams.Streams`, by the rules of README.md. */
export class StreamsService {
  constructor(private readonly node: Node) {}

  readonly append: handleClientStreamingCall<streams.AppendReq, streams.AppendResp> = (call, callback) => {
    let options: streams.AppendReq.Options | undefined;
    const proposed: Proposed[] = [];
    call.on('data', (request: streams.AppendReq) => {
      const message = request.getProposedMessage();
      if (message) proposed.push(proposedOf(message));
      else options = request.getOptions();
    });
    call.on('end', () => {
      void this.#answer('append', call.metadata, callback, (answer) => {
        const name = streamNameOf(options?.getStreamIdentifier());
        const result = this.node.log.append(name, expectedOf(options), proposed);
        if (result.kind === 'success') return answer(undefined, appended(result));
        if (result.kind === 'wrong-expected-version') return answer(undefined, wrongVersion(result.current, options));
        answer(result.kind === 'too-large' ? REFUSALS.tooLarge(result.limit) : REFUSALS.streamDeleted(name));
      });
    });
  };

  /** Rule B1. */
  readonly batchAppend: handleBidiStreamingCall<streams.BatchAppendReq, streams.BatchAppendResp> = (call) => {
    const pending = new Map<string, { options: streams.BatchAppendReq.Options | undefined; proposed: Proposed[] }>();
    let isOver = false;
    const end = (failure: Failure): void => {
      isOver = true;
      call.emit('error', failure);
    };
    const carryOut = async (request: streams.BatchAppendReq): Promise<void> => {
      const id = request.getCorrelationId()?.getString() ?? '';
      const batch = pending.get(id) ?? { options: request.getOptions(), proposed: [] };
      pending.set(id, batch);
      for (const message of request.getProposedMessagesList()) batch.proposed.push(proposedOf(message));
      if (!request.getIsFinal()) return;
      pending.delete(id);
      const fault = await this.node.faults.next('batchAppend');
      const refused = this.#refused(fault, call.metadata);
      if (fault.before === 'stall') isOver = true;
      if (refused === 'silence' || isOver) return;
      if (refused) return end(refused);
      const name = streamNameOf(batch.options?.getStreamIdentifier());
      const answer = isRefusal(fault.before)
        ? REFUSED[fault.before]()
        : batchAnswer(this.node.log.append(name, expectedOfBatch(batch.options), batch.proposed));
      answer.setCorrelationId(request.getCorrelationId());
      answer.setStreamIdentifier(batch.options?.getStreamIdentifier());
      if (fault.after === 'die') return this.node.die();
      if (fault.after === 'drop') return end(REFUSALS.unavailable());
      if (fault.after === 'end') return void call.end();
      if (fault.after !== 'hang') call.write(answer);
      if (fault.after === 'twice') call.write(answer);
    };
    call.on('data', (request: streams.BatchAppendReq) => void carryOut(request));
    // A call that its caller half-closes goes on: the server ends it only behind an answer that it still owed.
  };

  readonly read: handleServerStreamingCall<streams.ReadReq, streams.ReadResp> = (call) => {
    void this.#read(call);
  };

  readonly delete: handleUnaryCall<streams.DeleteReq, streams.DeleteResp> = (call, callback) => {
    const name = streamNameOf(call.request.getOptions()?.getStreamIdentifier());
    const position = this.node.log.softDelete(name);
    if (position === undefined) return callback(REFUSALS.wrongExpectedVersion(name, -2, -1));
    callback(null, new streamsPb.DeleteResp());
  };

  readonly tombstone: handleUnaryCall<streams.TombstoneReq, streams.TombstoneResp> = (call, callback) => {
    this.node.log.tombstone(streamNameOf(call.request.getOptions()?.getStreamIdentifier()));
    callback(null, new streamsPb.TombstoneResp());
  };

  async #answer<T>(
    rpc: Rpc,
    metadata: Metadata,
    callback: (error: Failure | null, value?: T) => void,
    carryOut: (answer: (refused: Failure | undefined, value?: T) => void) => void,
  ): Promise<void> {
    const fault = await this.node.faults.next(rpc);
    const refused = this.#refused(fault, metadata);
    if (refused === 'silence') return;
    if (refused) return callback(refused);
    carryOut((failure, value) => {
      if (fault.after === 'die') this.node.die();
      else if (fault.after === 'drop') callback(REFUSALS.unavailable());
      else if (fault.after !== 'hang') callback(failure ?? null, value);
    });
  }

  /** Why a call is not carried out, if it is not. */
  #refused(fault: Fault, metadata: Metadata): Failure | 'silence' | undefined {
    if (fault.before === 'die') this.node.die();
    if (fault.before === 'die' || fault.before === 'hang') return 'silence';
    if (fault.before === 'refuse') return REFUSALS.unavailable();
    if (fault.before === 'not-leader' && fault.leader) return REFUSALS.notLeader(fault.leader);
    if (!this.node.admits(metadata)) return REFUSALS.accessDenied();
    const leader = this.node.leaderElsewhere();
    if (leader && metadata.get('requires-leader')[0] === 'true') return REFUSALS.notLeader(leader);
    return undefined;
  }

  async #read(call: ServerWritableStream<streams.ReadReq, streams.ReadResp>): Promise<void> {
    const options = call.request.getOptions() ?? new streamsPb.ReadReq.Options();
    const subscribes = options.hasSubscription();
    const fault = await this.node.faults.next(subscribes ? 'subscribe' : 'read');
    const refused = this.#refused(fault, call.metadata);
    if (refused === 'silence') return;
    if (refused) return void call.emit('error', refused);
    const over = new AbortController();
    call.on('cancelled', () => over.abort());
    call.on('close', () => over.abort());
    const reader = { aborted: over.signal, invalidPositions: this.node.takesInvalidPositions };
    const { log } = this.node;
    const messages = options.hasAll()
      ? (subscribes ? subscribeToAll : readAll)(log, options, reader)
      : (subscribes ? subscribeToStream : readStream)(log, options, reader);
    let sent = 0;
    try {
      for await (const message of messages) {
        if (over.signal.aborted) return;
        if (fault.after && sent++ === (fault.afterMessages ?? 0)) return this.#interrupt(call, fault.after);
        this.node.faults.streamed++;
        if (!call.write(message)) await drained(call, over.signal);
      }
      call.end();
    } catch (cause) {
      if (!(cause instanceof ReadRefused)) throw cause;
      call.emit('error', cause.status);
    } finally {
      over.abort();
    }
  }

  #interrupt(call: ServerWritableStream<streams.ReadReq, streams.ReadResp>, after: Fault['after']): void {
    if (after === 'die') this.node.die();
    if (after === 'drop') call.emit('error', REFUSALS.cancelled());
    if (after === 'end') call.end();
  }
}

/** Leaves nothing behind on the signal: a long read waits many thousand times. */
function drained(call: ServerWritableStream<unknown, unknown>, aborted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      aborted.removeEventListener('abort', done);
      resolve();
    };
    call.once('drain', done);
    aborted.addEventListener('abort', done, { once: true });
  });
}

function expectedOf(options: streams.AppendReq.Options | undefined): Expected {
  switch (options?.getExpectedStreamRevisionCase()) {
    case ExpectedStreamRevisionCase.REVISION:
      return Number(options.getRevision());
    case ExpectedStreamRevisionCase.NO_STREAM:
      return -1;
    case ExpectedStreamRevisionCase.STREAM_EXISTS:
      return 'stream-exists';
    case ExpectedStreamRevisionCase.ANY:
    case ExpectedStreamRevisionCase.EXPECTED_STREAM_REVISION_NOT_SET:
    case undefined:
      return 'any';
  }
}

function expectedOfBatch(options: streams.BatchAppendReq.Options | undefined): Expected {
  switch (options?.getExpectedStreamPositionCase()) {
    case ExpectedStreamPositionCase.STREAM_POSITION:
      return Number(options.getStreamPosition());
    case ExpectedStreamPositionCase.NO_STREAM:
      return -1;
    case ExpectedStreamPositionCase.STREAM_EXISTS:
      return 'stream-exists';
    case ExpectedStreamPositionCase.ANY:
    case ExpectedStreamPositionCase.EXPECTED_STREAM_POSITION_NOT_SET:
    case undefined:
      return 'any';
  }
}

type Success = Extract<WriteResult, { kind: 'success' }>;

function appended({ revision, position }: Success): streams.AppendResp {
  const at = new streamsPb.AppendResp.Position();
  at.setCommitPosition(String(position)).setPreparePosition(String(position));
  const success = new streamsPb.AppendResp.Success();
  success.setCurrentRevision(String(revision)).setPosition(at);
  return new streamsPb.AppendResp().setSuccess(success);
}

function wrongVersion(current: number, options: streams.AppendReq.Options | undefined): streams.AppendResp {
  const wrong = new streamsPb.AppendResp.WrongExpectedVersion();
  if (current >= 0) wrong.setCurrentRevision(String(current));
  else wrong.setCurrentNoStream(new sharedPb.Empty());
  if (options?.hasRevision()) wrong.setExpectedRevision(options.getRevision());
  else if (options?.hasNoStream()) wrong.setExpectedNoStream(new sharedPb.Empty());
  else wrong.setExpectedStreamExists(new sharedPb.Empty());
  return new streamsPb.AppendResp().setWrongExpectedVersion(wrong);
}

function batchAnswer(result: WriteResult): streams.BatchAppendResp {
  const answer = new streamsPb.BatchAppendResp();
  if (result.kind === 'success') {
    const at = new sharedPb.AllStreamPosition();
    at.setCommitPosition(String(result.position)).setPreparePosition(String(result.position));
    const success = new streamsPb.BatchAppendResp.Success();
    return answer.setSuccess(success.setCurrentRevision(String(result.revision)).setPosition(at));
  }
  if (result.kind === 'wrong-expected-version') {
    const wrong = new sharedPb.WrongExpectedVersion();
    if (result.current >= 0) wrong.setCurrentStreamRevision(String(result.current));
    else wrong.setCurrentNoStream(new sharedPb.Empty());
    return refused(ALREADY_EXISTS, 'WrongExpectedVersion', wrong.serializeBinary());
  }
  if (result.kind === 'too-large') {
    const large = new sharedPb.MaximumAppendSizeExceeded().setMaxappendsize(result.limit);
    return refused(INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', large.serializeBinary());
  }
  return refused(NOT_FOUND, 'StreamDeleted', new sharedPb.StreamDeleted().serializeBinary());
}

/** As `google.rpc.Status`: what it is says the type of its details. */
function refused(code: Code, name: string, bytes: Uint8Array): streams.BatchAppendResp {
  const details = new anyPb.Any();
  details.pack(bytes, `event_store.client.${name}`);
  return new streamsPb.BatchAppendResp().setError(
    new statusPb.Status().setCode(code).setMessage(name).setDetails(details),
  );
}

/** Why one append is not carried out: three without a code, whose details are empty, and two that have both. */
const REFUSED = {
  'not-ready': () => unready('Server Is Not Ready'),
  busy: () => unready('Server Is Busy'),
  electing: () => unready('No leader info available in response'),
  denied: () => refused(PERMISSION_DENIED, 'AccessDenied', new sharedPb.AccessDenied().serializeBinary()),
  timeout: () => refused(DEADLINE_EXCEEDED, 'Timeout', new sharedPb.Timeout().serializeBinary()),
};
const isRefusal = (before: Fault['before']): before is keyof typeof REFUSED =>
  before !== undefined && before in REFUSED;

function unready(message: string): streams.BatchAppendResp {
  const details = new anyPb.Any();
  details.pack(new Uint8Array(), 'google.protobuf.Empty');
  return new streamsPb.BatchAppendResp().setError(new statusPb.Status().setMessage(message).setDetails(details));
}
