import type * as streams from '@eventstore/db-client/generated/streams_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { EventLog, Stored } from './event-log.js';
import * as wire from './wire.js';

/** What the call that is served looks like from here. */
export type Reader = Readonly<{ aborted: AbortSignal; invalidPositions: boolean }>;

/** A refusal in the middle of a read, with its gRPC status. */
export class ReadRefused extends Error {
  constructor(readonly status: { code: number; details: string }) {
    super(status.details);
  }
}

type Accepts = (event: Stored) => boolean;
const { ReadDirection } = streamsPb.ReadReq.Options;
/** Considered events between two checkpoints, times the multiplier; `max` of the filter replaces it. */
const DEFAULT_WINDOW = 32;

export function* readStream(log: EventLog, options: streams.ReadReq.Options): Generator<streams.ReadResp> {
  const stream = options.getStream();
  const name = wire.streamNameOf(stream?.getStreamIdentifier());
  const visible = log.visible(name);
  if (visible === 'deleted') throw new ReadRefused(wire.REFUSALS.streamDeleted(name));
  if (visible === 'not-found') {
    yield wire.notFoundMessage(name);
    return;
  }
  const { events, first, head } = visible;
  const backward = options.getReadDirection() === ReadDirection.BACKWARDS;
  const from = stream?.hasRevision() ? Number(stream.getRevision()) : stream?.hasEnd() ? Infinity : 0;
  let left = Number(options.getCount());
  if (backward) {
    for (let at = Math.min(from, head); at >= first && left > 0; at--, left--)
      yield wire.eventMessage(events[at] as Stored);
  } else {
    for (let at = Math.max(from, first); at <= head && left > 0; at++, left--)
      yield wire.eventMessage(events[at] as Stored);
  }
}

/** Forward from a position inclusive, backward from it exclusive; both with or without a filter. */
export function* readAll(log: EventLog, options: streams.ReadReq.Options, reader: Reader): Generator<streams.ReadResp> {
  const accepts = filterOf(options);
  const all = options.getAll();
  let left = Number(options.getCount());
  if (options.getReadDirection() === ReadDirection.BACKWARDS) {
    let at = all?.hasEnd() ? log.events.length - 1 : startOf(log, all, reader, true) - 1;
    for (; at >= 0 && left > 0; at--) {
      const event = log.events[at] as Stored;
      if (!accepts(event)) continue;
      left--;
      yield wire.eventMessage(event);
    }
    return;
  }
  for (
    let at = all?.hasEnd() ? log.events.length : startOf(log, all, reader, true);
    at < log.events.length && left > 0;
    at++
  ) {
    const event = log.events[at] as Stored;
    if (!accepts(event)) continue;
    left--;
    yield wire.eventMessage(event);
  }
}

/** Rules S1 to S5: confirmation, history, a checkpoint and caughtUp on reaching its end, then live. */
export async function* subscribeToAll(
  log: EventLog,
  options: streams.ReadReq.Options,
  reader: Reader,
): AsyncGenerator<streams.ReadResp> {
  const all = options.getAll();
  const filter = options.getFilter();
  const accepts = filterOf(options);
  const interval = (filter?.getCheckpointintervalmultiplier() || 1) * (filter?.getMax() || DEFAULT_WINDOW);
  let at = all?.hasEnd() ? log.events.length : startOf(log, all, reader, false);
  let considered = 0;
  let checkpoint = -1;
  let live = false;
  yield wire.confirmationMessage();
  const woken = wakeups(log, reader.aborted);
  while (!reader.aborted.aborted) {
    const event = log.events[at];
    if (event) {
      at++;
      if (accepts(event)) yield wire.eventMessage(event);
      if (filter && ++considered % interval === 0) yield checkpointAt(event);
      continue;
    }
    const last = log.events[at - 1];
    if (!live) {
      if (filter && considered > 0 && last && last.commit > checkpoint) yield checkpointAt(last);
      yield wire.caughtUpMessage();
      live = true;
      continue;
    }
    await woken();
  }

  function checkpointAt(event: Stored): streams.ReadResp {
    checkpoint = event.commit;
    return wire.checkpointMessage(event.commit, event.prepare);
  }
}

/** Rule S4: also of a stream that is not there; without checkpoints. */
export async function* subscribeToStream(
  log: EventLog,
  options: streams.ReadReq.Options,
  reader: Reader,
): AsyncGenerator<streams.ReadResp> {
  const stream = options.getStream();
  const name = wire.streamNameOf(stream?.getStreamIdentifier());
  let after = stream?.hasRevision() ? Number(stream.getRevision()) : -1;
  let live = false;
  yield wire.confirmationMessage();
  const woken = wakeups(log, reader.aborted);
  while (!reader.aborted.aborted) {
    const visible = log.visible(name);
    if (visible === 'deleted') throw new ReadRefused(wire.REFUSALS.streamDeleted(name));
    const event = visible === 'not-found' ? undefined : visible.events[Math.max(after + 1, visible.first)];
    if (event) {
      after = event.revision;
      yield wire.eventMessage(event);
      continue;
    }
    if (!live) yield wire.caughtUpMessage();
    live = true;
    await woken();
  }
}

function startOf(
  log: EventLog,
  all: streams.ReadReq.Options.AllOptions | undefined,
  { invalidPositions }: Reader,
  inclusive: boolean,
): number {
  if (!all?.hasPosition()) return 0;
  const position = all.getPosition();
  const [commit, prepare] = [Number(position?.getCommitPosition()), Number(position?.getPreparePosition())];
  const index = log.indexAfter(commit, prepare, true);
  const found = log.events[index];
  const isEvent = found?.commit === commit && found.prepare === prepare;
  if (!isEvent && !invalidPositions) throw new ReadRefused(wire.REFUSALS.invalidPosition());
  return isEvent && !inclusive ? index + 1 : index;
}

function filterOf(options: streams.ReadReq.Options): Accepts {
  const filter = options.getFilter();
  if (!filter) return () => true;
  const onStream = filter.hasStreamIdentifier();
  const expression = onStream ? filter.getStreamIdentifier() : filter.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  const regex = prefixes.length === 0 ? new RegExp(expression?.getRegex() ?? '') : undefined;
  return (event) => {
    const text = onStream ? event.stream : event.type;
    return regex ? regex.test(text) : prefixes.some((prefix) => text.startsWith(prefix));
  };
}

/** Gives a promise for the next write after the last call, or for the end of the call. */
function wakeups(log: EventLog, aborted: AbortSignal): () => Promise<void> {
  let written = false;
  let wake: (() => void) | undefined;
  const sign = (): void => {
    written = true;
    wake?.();
  };
  const stop = log.onWrite(sign);
  aborted.addEventListener('abort', () => {
    stop();
    sign();
  });
  return async () => {
    if (!written) await new Promise<void>((resolve) => (wake = resolve));
    written = false;
    wake = undefined;
  };
}
