import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type * as streams from '@eventstore/db-client/generated/streams_pb.js';

/** Requests for reading, as the protocol has them. */

const { ReadDirection } = streamsPb.ReadReq.Options;
/** The server numbers revisions with signed 64-bit integers. */
const LAST_REVISION = 2n ** 63n - 1n;
/** How many events the server looks at before it says how far it is. */
const CHECKPOINT_EVENTS = 2_000;

const empty = () => new sharedPb.Empty();

export function identifierOf(stream: string): StreamIdentifier {
  return new sharedPb.StreamIdentifier().setStreamName(new TextEncoder().encode(stream));
}

export function streamRequest(
  stream: string,
  from: bigint | 'end',
  direction: 'forward' | 'backward',
  most: number,
): ReadReq {
  const at = new streamsPb.ReadReq.Options.StreamOptions().setStreamIdentifier(identifierOf(stream));
  if (from === 'end' || from > LAST_REVISION) at.setEnd(empty());
  else at.setRevision(from.toString());
  const options = counted(most, direction).setStream(at).setNoFilter(empty());
  return new streamsPb.ReadReq().setOptions(options);
}

/** The newest events before `before` that are not in a system stream. */
export function backwardRequest(before: bigint | 'end', most: number): ReadReq {
  const options = counted(most, 'backward').setAll(allFrom(before)).setFilter(filterOf(undefined));
  return new streamsPb.ReadReq().setOptions(options);
}

/** All that comes after `after` and is of `types`, or, without them, not in a system stream. Stays. */
export function subscriptionRequest(after: bigint | 'start', types: readonly string[] | undefined): ReadReq {
  const options = base().setAll(allFrom(after)).setFilter(filterOf(types));
  options.setSubscription(new streamsPb.ReadReq.Options.SubscriptionOptions());
  return new streamsPb.ReadReq().setOptions(options);
}

function base(): streams.ReadReq.Options {
  const uuid = new streamsPb.ReadReq.Options.UUIDOption().setString(empty());
  return new streamsPb.ReadReq.Options().setResolveLinks(false).setUuidOption(uuid);
}

function counted(most: number, direction: 'forward' | 'backward'): streams.ReadReq.Options {
  const count = Math.min(most, Number.MAX_SAFE_INTEGER);
  const way = direction === 'forward' ? ReadDirection.FORWARDS : ReadDirection.BACKWARDS;
  return base().setCount(String(count)).setReadDirection(way);
}

/** Commit and prepare position of what is written over gRPC are one. */
function allFrom(position: bigint | 'start' | 'end'): streams.ReadReq.Options.AllOptions {
  const all = new streamsPb.ReadReq.Options.AllOptions();
  if (position === 'start') return all.setStart(empty());
  if (position === 'end') return all.setEnd(empty());
  const text = position.toString();
  const at = new streamsPb.ReadReq.Options.Position().setCommitPosition(text).setPreparePosition(text);
  return all.setPosition(at);
}

function filterOf(types: readonly string[] | undefined): streams.ReadReq.Options.FilterOptions {
  const expression = new streamsPb.ReadReq.Options.FilterOptions.Expression();
  const filter = new streamsPb.ReadReq.Options.FilterOptions();
  filter.setMax(CHECKPOINT_EVENTS).setCheckpointintervalmultiplier(1);
  if (types === undefined) return filter.setStreamIdentifier(expression.setRegex('^[^$]'));
  const names = types.map((type) => type.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return filter.setEventType(expression.setRegex(`^(?:${names.join('|')})$`));
}
