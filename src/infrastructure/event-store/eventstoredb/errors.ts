import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import { CorruptEvent, InvalidAppend, StoreUnavailable } from '../../../application/ports/event-store.js';

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const GRPC = {
  CANCELLED: 1,
  DEADLINE_EXCEEDED: 4,
  PERMISSION_DENIED: 7,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** The call was answered too late, or not at all. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const { MaximumAppendSizeExceeded } = sharedPb;
const TOO_LARGE = 'event_store.client.MaximumAppendSizeExceeded';

/** What a server answers to one of the appends of a call. `type` as in `exceptionOf`; `code` is gRPC's. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly type: string,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** The details name a message of the protocol: `…/event_store.client.StreamDeleted` is `stream-deleted`. */
export function refusalOf(status: Status): Refusal {
  const details = status.getDetails();
  const name = details?.getTypeName() ?? '';
  const type = name.replace(/^.*\./, '').replace(/(?<=.)[A-Z]/g, '-$&');
  const limit = details?.unpack((bytes) => MaximumAppendSizeExceeded.deserializeBinary(bytes), TOO_LARGE);
  const message = limit ? `it takes ${limit.getMaxappendsize()} bytes` : status.getMessage();
  return new Refusal(type.toLowerCase(), status.getCode(), message);
}

/** The server ended a call that it should have gone on with. */
export const callEnded = (): Error => Object.assign(new Error('The call ended'), { code: GRPC.UNAVAILABLE });

type Trailers = Readonly<{ get?: (name: string) => readonly unknown[] }>;
type Failure = Readonly<{ type?: unknown; code?: unknown; details?: unknown; message?: unknown; metadata?: Trailers }>;

/**
 * What the server says a failure is, like `not-leader`. It comes in several shapes: an error of the client's own has it as
 * `type`, one of gRPC as the trailer `exception`; a failure to connect has neither.
 */
export function exceptionOf(cause: unknown): string | undefined {
  const { type, metadata } = (cause ?? {}) as Failure;
  if (typeof type === 'string') return type;
  const [trailer] = metadata?.get?.('exception') ?? [];
  return typeof trailer === 'string' ? trailer : undefined;
}

/** Answers to an append that have no code and no details: the server is starting, overloaded, or its cluster elects. */
const NOT_YET = new Set(['Server Is Not Ready', 'Server Is Busy', 'No leader info available in response']);

/** Whether the same call may succeed at once, or at another node. */
export function isPassing(cause: unknown): boolean {
  const { code, details, message } = (cause ?? {}) as Failure;
  const exception = exceptionOf(cause);
  if (exception === 'not-leader' || exception === 'unavailable') return true;
  if (cause instanceof Refusal) return exception === 'timeout' || NOT_YET.has(cause.message);
  if (code === GRPC.UNAVAILABLE || code === GRPC.ABORTED) return true;
  if (code === GRPC.CANCELLED) return details !== 'Cancelled on client'; // a server cancels calls as it shuts down
  if (typeof message !== 'string') return false;
  // The client gave the channel up between two steps of our call, or has asked each node once.
  return message === 'Channel has been shut down' || message.startsWith('Failed to discover');
}

/** Whether the server has no such call, or not for this user. */
export const refusesToTell = (cause: unknown): boolean =>
  [GRPC.UNIMPLEMENTED, GRPC.PERMISSION_DENIED, GRPC.UNAUTHENTICATED].includes(((cause ?? {}) as { code: never }).code);

/** What a caller of the port is told. A failure that is in the port's words already stays as it is. */
export function translated(cause: unknown, what: string, stream?: string): Error {
  if (cause instanceof StoreUnavailable || cause instanceof CorruptEvent || cause instanceof InvalidAppend)
    return cause;
  const { code } = (cause ?? {}) as Failure;
  const exception = exceptionOf(cause);
  if (exception === 'stream-deleted' && stream !== undefined) {
    const detail = 'the stream was deleted in EventStoreDB (tombstoned): its events are gone for ever';
    return new CorruptEvent(stream, 0n, detail, { cause });
  }
  if (exception?.startsWith('maximum-append')) {
    return new InvalidAppend(
      `${what}: the server takes less than every log has to (its MaxAppendSize, or MaxAppendEventSize): ${textOf(cause)}`,
      {
        cause,
      },
    );
  }
  if (exception === 'access-denied' || code === GRPC.PERMISSION_DENIED || code === GRPC.UNAUTHENTICATED) {
    return new StoreUnavailable(
      `${what}: EventStoreDB refuses the user of EVENTSTORE_URL. It has to write streams and to read $all, as $admins may.`,
      { cause },
    );
  }
  return new StoreUnavailable(`${what}: ${textOf(cause)}`, { cause });
}

function textOf(cause: unknown): string {
  const { message, details } = (cause ?? {}) as Failure;
  if (typeof details === 'string' && details !== '') return details;
  return typeof message === 'string' && message !== '' ? message : (exceptionOf(cause) ?? 'no reason given');
}
