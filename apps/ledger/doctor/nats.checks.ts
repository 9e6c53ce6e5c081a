import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsSetting } from '../../../src/infrastructure/config/nats-setting.js';
import { EVENT_STREAM, EVENT_SUBJECTS } from '../../../src/infrastructure/messaging/event-stream.js';
import { connectNats } from '../../../src/infrastructure/messaging/nats-connection.js';
import { megabytes } from '../megabytes.js';
import { connectionAdvice } from './connection-advice.js';
import { fail, type Finding, ok, warn, wordsOf } from './finding.js';

/** The messages in NATS: the server, JetStream, and the stream that events are published to. Writes nothing. */
export async function checkNats(setting: NatsSetting): Promise<readonly Finding[]> {
  let connection: NatsConnection;
  try {
    connection = await connectNats(setting, 'commerce-ledger doctor');
  } catch (error) {
    return [fail('reachable', wordsOf(error), connectionAdvice(error, 'NATS_URL'))];
  }
  try {
    const tookMs = await connection.rtt();
    return [
      ok('reachable', `answers within ${tookMs} ms`),
      ok('server', `nats-server ${connection.info?.version ?? 'of an unknown version'}`),
      ...(await streamFindings(connection)),
    ];
  } finally {
    await connection.close();
  }
}

async function streamFindings(connection: NatsConnection): Promise<readonly Finding[]> {
  try {
    const { streams } = await jetstreamManager(connection);
    const { config, state } = await streams.info(EVENT_STREAM);
    const jetStream = ok('jetstream', 'is there, and this user may use it');
    const missing = EVENT_SUBJECTS.filter((subject) => !config.subjects.includes(subject));
    if (missing.length > 0) {
      const todo = 'Start the projector of this build: it adds them when it publishes next.';
      return [jetStream, warn('stream', `${EVENT_STREAM} lacks the subjects ${missing.join(', ')}`, todo)];
    }
    return [jetStream, ok('stream', `${EVENT_STREAM}: ${state.messages} events, ${megabytes(state.bytes)}`)];
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) {
      const found = `${EVENT_STREAM} is not there yet: the projector makes it when it publishes first`;
      return [ok('jetstream', 'is there, and this user may use it'), ok('stream', found)];
    }
    const todo = 'Start the server with --jetstream, and let this user use $JS.API.> in its account.';
    return [fail('jetstream', wordsOf(error), todo)];
  }
}
