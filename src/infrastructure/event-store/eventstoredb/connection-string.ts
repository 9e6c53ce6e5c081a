import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/**
 * What an `esdb://` URL says, checked.
 * `hosts`       one or more; with `discover`, one name whose nodes tell of each other by gossip
 * `credentials` not percent-encoded any more
 * `tls`         whether the connection is encrypted, as it is unless the URL says otherwise
 * `files`       paths as written
 * `numbers`     options as the client has them: `gossipTimeout` in seconds, all other times in milliseconds
 */
export type EventStoreDbSettings = Readonly<{
  discover: boolean;
  hosts: readonly Readonly<{ address: string; port: number }>[];
  credentials?: Readonly<{ username: string; password: string }>;
  tls: boolean;
  files: Readonly<Partial<Record<FileOption, string>>>;
  numbers: Readonly<Partial<Record<NumberOption, number>>>;
  connectionName?: string;
}>;

type FileOption = (typeof FILES)[number];
type NumberOption = keyof typeof LEAST;
const FILES = ['tlsCAFile', 'userCertFile', 'userKeyFile'] as const;
/** The least that each may be; -1 turns keepalive off. */
const LEAST = {
  defaultDeadline: 1,
  maxDiscoverAttempts: 1,
  discoveryInterval: 0,
  gossipTimeout: 1,
  keepAliveInterval: -1,
  keepAliveTimeout: -1,
} as const;
const NUMBERS = Object.keys(LEAST) as NumberOption[];
const OTHERS = ['tls', 'connectionName', 'nodePreference', 'tlsVerifyCert', 'throwOnAppendFailure'] as const;
const DEFAULT_PORT = 2113;

/** Not a URL that the log can be reached by. `message` holds nothing of the URL but option names. */
export class MalformedEventStoreUrl extends Error {
  override readonly name = 'MalformedEventStoreUrl';
}

/**
 * The client's own parser is not used: it writes the whole URL, password and all, to the console when it does not know an
 * option, passes over such options, and cuts a password at a colon.
 * @throws MalformedEventStoreUrl
 */
export function parseEventStoreUrl(url: string): EventStoreDbSettings {
  const parts = /^esdb(\+discover)?:\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/.exec(url.trim());
  if (!parts?.[3]) {
    throw new MalformedEventStoreUrl(
      'is not of the form esdb://[user:password@]host[:port][,host…][?option=value&…] or esdb+discover://…; in user and ' +
        'password write @ / ? and : as %40 %2F %3F and %3A.',
    );
  }
  const [, discover, user, hosts, query = ''] = parts;
  const options = optionsOf(query);
  const settings = {
    discover: discover !== undefined,
    hosts: hosts.split(',').map(hostOf),
    ...(user !== undefined && { credentials: credentialsOf(user) }),
    tls: flag(options, 'tls', true),
    files: Object.fromEntries(FILES.flatMap((name) => pairOf(options, name))),
    numbers: Object.fromEntries(NUMBERS.flatMap((name) => numberOf(options, name))),
    ...(options.has('connectionName') && { connectionName: options.get('connectionName') as string }),
  };
  refuseUnkept(options);
  if (settings.discover && settings.hosts.length > 1) {
    throw new MalformedEventStoreUrl('esdb+discover:// takes one host name, which stands for all nodes.');
  }
  if ('userCertFile' in settings.files !== 'userKeyFile' in settings.files) {
    throw new MalformedEventStoreUrl('userCertFile and userKeyFile go together.');
  }
  return settings;
}

/** The URL again, fit for a log. */
export function redactedEventStoreUrl({ discover, hosts, credentials, tls }: EventStoreDbSettings): string {
  const names = hosts.map(({ address, port }) => `${address}:${port}`).join(',');
  return `esdb${discover ? '+discover' : ''}://${credentials ? '***@' : ''}${names}?tls=${tls}`;
}

/** The files that the settings name, read. @throws MalformedEventStoreUrl one cannot be read */
export function certificatesOf({ files }: EventStoreDbSettings): Readonly<{
  rootCertificate?: Buffer;
  userCertFile?: Buffer;
  userKeyFile?: Buffer;
}> {
  const { tlsCAFile, userCertFile, userKeyFile } = files;
  return {
    ...(tlsCAFile !== undefined && { rootCertificate: contentOf('tlsCAFile', tlsCAFile) }),
    ...(userCertFile !== undefined && { userCertFile: contentOf('userCertFile', userCertFile) }),
    ...(userKeyFile !== undefined && { userKeyFile: contentOf('userKeyFile', userKeyFile) }),
  };
}

function contentOf(option: FileOption, path: string): Buffer {
  try {
    return readFileSync(isAbsolute(path) ? path : resolve(path));
  } catch (cause) {
    throw new MalformedEventStoreUrl(`the file of ${option} cannot be read.`, { cause });
  }
}

function optionsOf(query: string): ReadonlyMap<string, string> {
  const known = new Map([...FILES, ...NUMBERS, ...OTHERS].map((name) => [name.toLowerCase(), name]));
  const options = new Map<string, string>();
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const [key = '', ...value] = pair.split('=');
    const name = known.get(key.toLowerCase());
    if (name === undefined) {
      throw new MalformedEventStoreUrl(`has an option that is not one of ${[...known.values()].join(', ')}.`);
    }
    options.set(name, decoded(value.join('=')));
  }
  return options;
}

/** Options of the client that would break what the log promises. */
function refuseUnkept(options: ReadonlyMap<string, string>): void {
  if ((options.get('nodePreference') ?? 'leader').toLowerCase() !== 'leader') {
    throw new MalformedEventStoreUrl('nodePreference can only be leader: what other nodes say may be old.');
  }
  if (!flag(options, 'tlsVerifyCert', true)) {
    throw new MalformedEventStoreUrl('tlsVerifyCert=false is not possible; give the authority as tlsCAFile.');
  }
  if (!flag(options, 'throwOnAppendFailure', true)) {
    throw new MalformedEventStoreUrl('throwOnAppendFailure=false is not possible; leave it out.');
  }
}

function hostOf(text: string): { address: string; port: number } {
  const parts = /^([A-Za-z0-9._-]+)(?::([0-9]{1,5}))?$/.exec(text);
  const port = Number(parts?.[2] ?? DEFAULT_PORT);
  if (!parts?.[1] || port < 1 || port > 65_535) {
    throw new MalformedEventStoreUrl('has a host that is not of the form name or name:port.');
  }
  return { address: parts[1], port };
}

function credentialsOf(text: string): { username: string; password: string } {
  const [username = '', ...password] = text.split(':');
  if (username === '' || password.length === 0) {
    throw new MalformedEventStoreUrl('has something before its @ that is not user:password.');
  }
  return { username: decoded(username), password: decoded(password.join(':')) };
}

function flag(options: ReadonlyMap<string, string>, name: string, byDefault: boolean): boolean {
  const text = options.get(name) ?? String(byDefault);
  if (text !== 'true' && text !== 'false') throw new MalformedEventStoreUrl(`${name} is neither true nor false.`);
  return text === 'true';
}

function pairOf(options: ReadonlyMap<string, string>, name: string): [string, string][] {
  const text = options.get(name);
  return text === undefined ? [] : [[name, text]];
}

function numberOf(options: ReadonlyMap<string, string>, name: NumberOption): [string, number][] {
  const text = options.get(name);
  if (text === undefined) return [];
  if (!/^-?[0-9]{1,9}$/.test(text) || Number(text) < LEAST[name]) {
    throw new MalformedEventStoreUrl(`${name} is not a whole number from ${LEAST[name]} to 999999999.`);
  }
  return [[name, Number(text)]];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new MalformedEventStoreUrl('has a % that does not begin an escape like %40.', { cause });
  }
}
