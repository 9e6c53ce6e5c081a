import { jetstream, JetStreamApiCodes, JetStreamApiError, type JetStreamClient } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import {
  CLOUD_EVENT_JSON,
  sourceOf,
  toCloudEvent,
  type CloudEvent,
} from '../../application/public-events/cloud-event.js';
import { publicSources } from '../../application/public-events/registry.js';
import type { Recorded } from '../../domain/fact.js';
import type { NatsSetting } from '../config/nats-setting.js';
import type { Followed, Intake } from '../follower/intake.js';
import { EVENT_STREAM, prepareEventStream } from './event-stream.js';
import { connectNats, natsUnavailable, NatsUnavailable } from './nats-connection.js';

/** The publisher as a follower: its checkpoint and lease are in the view store, under this name. */
export const publicEventsFollower: Followed = { name: 'public-events', version: 1, indexes: {}, types: publicSources };

/** Messages on their way at once. */
const IN_FLIGHT = 256;
const ACK_TIMEOUT_MS = 10_000;

type Open = Readonly<{ connection: NatsConnection; client: JetStreamClient; maxPayloadBytes: number }>;

/**
 * Sends public events to JetStream, each as a CloudEvent under its own id (`Nats-Msg-Id`) on the subject that is its
 * type, and takes in only what JetStream has acknowledged, which is then durable there.
 *
 * Order: a message says which sequence the stream must have before it, so that none is stored after one that failed.
 * Twice: where an earlier attempt ended is read from the stream's own last message, so that what it had sent and not
 * committed is not sent again; where that message is gone, JetStream recognises the ids for `DUPLICATE_WINDOW_MS`.
 */
export class EventPublisher implements Intake {
  waiting = 0;
  readonly waitingSize = 0;
  #opened: Promise<Open> | undefined;
  #isClosed = false;
  /** The stream's last sequence; unknown while an event may be a duplicate, which gets no sequence of its own. */
  #sequence: number | undefined;
  #publishedUpTo = -1n;
  #source = '';

  /** @param identity of the log whose events these are: `EventStore.identity` */
  constructor(
    private readonly setting: NatsSetting,
    private readonly identity: () => Promise<string>,
  ) {}

  /** @throws NatsUnavailable */
  async add(events: readonly Recorded[]): Promise<{ folded: number }> {
    const open = await (this.#opened ??= this.#open());
    const toSend: CloudEvent[] = [];
    for (const event of events) {
      const publicEvent = event.position > this.#publishedUpTo ? toCloudEvent(event, this.#source) : undefined;
      if (publicEvent) toSend.push(publicEvent);
    }
    try {
      for (let sent = 0; sent < toSend.length;) sent += await this.#send(open, toSend, sent);
    } catch (cause) {
      throw natsUnavailable(this.setting, cause);
    }
    this.waiting += events.length;
    return { folded: events.length };
  }

  documents(): readonly never[] {
    return [];
  }

  settled(): void {
    this.waiting = 0;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const open = await this.#opened?.catch(() => undefined); // whoever called `add` was told
    await open?.connection.close();
  }

  async #open(): Promise<Open> {
    this.#source = sourceOf(await this.identity());
    const connection = await connectNats(this.setting, 'commerce-ledger publisher');
    try {
      const { sequence, last } = await prepareEventStream(connection, this.setting.stream);
      if (last?.source === this.#source && typeof last.position === 'string') {
        this.#publishedUpTo = BigInt(last.position);
        this.#sequence = sequence;
      }
      if (this.#isClosed) throw new NatsUnavailable('The publisher was closed');
      const maxPayloadBytes = connection.info?.max_payload ?? Infinity;
      return { connection, client: jetstream(connection, { timeout: ACK_TIMEOUT_MS }), maxPayloadBytes };
    } catch (cause) {
      await connection.close();
      throw natsUnavailable(this.setting, cause);
    }
  }

  /** Sends what may go at once, from `toSend[from]` on; resolves with how many when each is acknowledged. */
  async #send(open: Open, toSend: readonly CloudEvent[], from: number): Promise<number> {
    const known = this.#sequence;
    if (known === undefined) {
      const { duplicate, seq } = await publish(open, toSend[from] as CloudEvent, undefined);
      if (!duplicate) this.#sequence = seq;
      return 1;
    }
    const batch = toSend.slice(from, from + IN_FLIGHT);
    const results = await Promise.allSettled(batch.map((event, index) => publish(open, event, known + index)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    this.#sequence = known + batch.length;
    return batch.length;
  }
}

/** @param lastSequence what the stream must end with before this event */
async function publish({ client, maxPayloadBytes }: Open, event: CloudEvent, lastSequence: number | undefined) {
  const payload = JSON.stringify(event);
  const bytes = Buffer.byteLength(payload) + HEADER_BYTES;
  if (bytes > maxPayloadBytes) {
    const needed = `its max_payload is ${maxPayloadBytes} bytes, and event ${event.id} needs ${bytes}`;
    throw new NatsUnavailable(`NATS does not take every event: ${needed}. Raise max_payload in the server's settings`);
  }
  const fields = headers();
  fields.set('Content-Type', CLOUD_EVENT_JSON);
  const expect = { streamName: EVENT_STREAM, ...(lastSequence !== undefined && { lastSequence }) };
  try {
    return await client.publish(event.type, payload, { msgID: event.id, headers: fields, expect });
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError) || cause.code !== JetStreamApiCodes.StreamWrongLastSequence) throw cause;
    throw new NatsUnavailable(`another writer is at work on the stream ${EVENT_STREAM}`, { cause });
  }
}

/** More than the headers of an event take. */
const HEADER_BYTES = 512;
