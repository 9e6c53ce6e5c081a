import { readFile } from 'node:fs/promises';
import { connect, credsAuthenticator, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import type { NatsSetting } from '../config/nats-setting.js';

/** NATS did not answer, refused, or is not set up for what is asked of it. `message` says which, in plain words. */
export class NatsUnavailable extends Error {
  override readonly name = 'NatsUnavailable';
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens a connection that ends when it is lost: whoever had it begins anew with another, so that nothing that was
 * waiting in it goes out late.
 * @param name shown by NATS' own tools
 * @throws NatsUnavailable
 */
export async function connectNats(setting: NatsSetting, name: string): Promise<NatsConnection> {
  try {
    return await connect(await optionsOf(setting, name));
  } catch (cause) {
    throw natsUnavailable(setting, cause);
  }
}

/** What went wrong, and with which server. */
export function natsUnavailable(setting: Pick<NatsSetting, 'shown'>, cause: unknown): NatsUnavailable {
  if (cause instanceof NatsUnavailable) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new NatsUnavailable(`NATS at ${setting.shown}: ${message}`, { cause });
}

async function optionsOf(setting: NatsSetting, name: string): Promise<ConnectionOptions> {
  const { servers, tls, user, password, token, credentialsFile, caFile, certFile, keyFile } = setting;
  const files = { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
  return {
    name,
    servers: [...servers],
    reconnect: false,
    timeout: CONNECT_TIMEOUT_MS,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...((tls || Object.keys(files).length > 0) && { tls: files }),
    ...(credentialsFile && { authenticator: credsAuthenticator(await readFile(credentialsFile)) }),
  };
}
