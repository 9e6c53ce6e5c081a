import { JetStreamApiCodes, JetStreamApiError, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { publicContexts } from '../../application/public-events/registry.js';
import type { NatsSetting } from '../config/nats-setting.js';

/** The JetStream stream that holds the public events. One ledger to an account of NATS. */
export const EVENT_STREAM = 'ledger-events';
/** Its subjects: those of every public type, and none that commands are sent to. */
export const EVENT_SUBJECTS: readonly string[] = publicContexts.map((context) => `ledger.${context}.>`);
/** How long JetStream itself recognises an event that is sent again, by its id. */
export const DUPLICATE_WINDOW_MS = 600_000;

/**
 * Where the stream ends.
 * `sequence`  of its last message, 0 for none yet
 * `last`      that message as JSON was published, where it is still there
 */
export type StreamEnd = Readonly<{ sequence: number; last?: Readonly<{ source?: unknown; position?: unknown }> }>;

/** Makes the stream where it is missing; to one that is there, adds the subjects that it lacks, and changes nothing else. */
export async function prepareEventStream(
  connection: NatsConnection,
  settings: NatsSetting['stream'],
): Promise<StreamEnd> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const found = await streams.info(EVENT_STREAM).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  });
  const info = found ?? (await streams.add(configOf(settings)));
  const missing = EVENT_SUBJECTS.filter((subject) => !info.config.subjects.includes(subject));
  if (missing.length > 0) await streams.update(EVENT_STREAM, { subjects: [...info.config.subjects, ...missing] });
  const { last_seq: sequence, messages } = info.state;
  if (messages === 0) return { sequence };
  const message = await streams.getMessage(EVENT_STREAM, { seq: sequence });
  return { sequence, ...(message && { last: message.json() }) };
}

/** The stream as it is made. */
export function configOf({ maxAgeDays, maxMegabytes, replicas }: NatsSetting['stream']) {
  return {
    name: EVENT_STREAM,
    description: 'Public events of the Commerce Ledger, as CloudEvents',
    subjects: [...EVENT_SUBJECTS],
    retention: 'limits',
    discard: 'old',
    storage: 'file',
    max_age: nanos(maxAgeDays * 86_400_000),
    max_bytes: maxMegabytes === undefined ? -1 : maxMegabytes * 1_000_000,
    num_replicas: replicas,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    allow_direct: true,
  } satisfies Partial<StreamConfig>;
}
