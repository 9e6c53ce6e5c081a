import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
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
  const secured = { ...files, checkServerIdentity: identityCheck(servers) };
  return {
    name,
    servers: [...servers],
    reconnect: false,
    timeout: CONNECT_TIMEOUT_MS,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...((tls || Object.keys(files).length > 0) && { tls: secured }),
    ...(credentialsFile && { authenticator: credsAuthenticator(await readFile(credentialsFile)) }),
  };
}

/**
 * An address is no name that TLS could send, so the client would hold the certificate against `localhost`. It is held
 * against the address instead; of several, which of them was reached is not known here, so any of them will do.
 */
function identityCheck(servers: readonly string[]) {
  const hosts = servers.map((server) => server.slice(0, server.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1'));
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (name: string, certificate: PeerCertificate): Error | undefined => {
    if (hosts.includes(name) || addresses.length === 0) return checkServerIdentity(name, certificate);
    const faults = addresses.map((address) => checkServerIdentity(address, certificate));
    return faults.includes(undefined) ? undefined : faults[0];
  };
}
