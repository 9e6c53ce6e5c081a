import { isIP } from 'node:net';

const LOCALHOST = /^(?:[a-z0-9-]+\.)*localhost$/;

/**
 * Whether a `Host` header names this machine: `localhost`, a name below it, 127.0.0.0/8 or ::1, with any port.
 * While there is no authentication, this is what keeps a web page that the user happens to visit from reaching the
 * ledger under a name of its own that resolves to 127.0.0.1 (DNS rebinding). No header at all (HTTP/1.0) is no browser.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = host.toLowerCase().replace(/:[0-9]*$/, '');
  return LOCALHOST.test(name) || (isIP(name) === 4 && name.startsWith('127.')) || name === '[::1]';
}
