/**
 * Where NATS is, and how to get in.
 * `servers`  `host:port`, any of which leads to all
 * `stream`   what the stream of events gets when it is made: days that events stay, the most megabytes (absent: as many
 *            as the server has), copies in a cluster. What is oldest goes first. Later changes are made with NATS' own tools
 * `shown`    fit for people and logs
 */
export type NatsSetting = Readonly<{
  servers: readonly string[];
  tls: boolean;
  user?: string;
  password?: string;
  token?: string;
  credentialsFile?: string;
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  stream: Readonly<{ maxAgeDays: number; maxMegabytes?: number; replicas: number }>;
  shown: string;
}>;

export const DEFAULT_STREAM = { maxAgeDays: 30, replicas: 1 } as const;

const FORM = /^(nats|tls):\/\/(?:(?<credentials>[^/?@]*)@)?(?<hosts>[^/?@]+)\/?(?:\?(?<options>.*))?$/s;
const HOST = /^(?<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?<port>[0-9]{1,5}))?$/;
const DEFAULT_PORT = '4222';

const FILES = { credentials: 'credentialsFile', tlsCaFile: 'caFile', tlsCertFile: 'certFile', tlsKeyFile: 'keyFile' };
const NUMBERS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  maxAgeDays: [1, 36_500],
  maxMegabytes: [1, 1_000_000_000],
  replicas: [1, 5],
};
const OPTIONS = [...Object.keys(FILES), ...Object.keys(NUMBERS)];

/**
 * Takes a URL apart: `nats://HOST:PORT`, `tls://USER:PASSWORD@HOST1:PORT,HOST2:PORT?maxAgeDays=90`.
 * @returns the setting, or why it is none, in words that hold nothing of it that may be secret
 */
export function natsSetting(text: string): NatsSetting | string {
  const form = FORM.exec(text);
  if (!form)
    return 'is not the URL of a NATS server. Give nats://HOST:PORT or tls://HOST:PORT; several hosts are separated by commas; in a user or password, write /, ?, @ and : percent-encoded.';
  const { credentials, hosts = '', options = '' } = form.groups as Partial<Record<string, string>>;
  const servers: string[] = [];
  for (const each of hosts.split(',')) {
    const { host, port = DEFAULT_PORT } = HOST.exec(each)?.groups ?? {};
    if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
      return 'does not name a host, or hosts separated by commas, as in nats://HOST1:4222,HOST2:4222.';
    servers.push(`${host}:${port}`);
  }
  const known = optionsOf(options);
  if (typeof known === 'string') return known;
  const login = loginOf(credentials);
  if (login === undefined) return 'has a user or password that is not percent-encoded as it should be.';
  return {
    servers,
    tls: form[1] === 'tls',
    ...login,
    ...known,
    shown: `${form[1]}://${credentials === undefined ? '' : '***@'}${servers.join(',')}`,
  };
}

type Options = Pick<NatsSetting, 'stream' | 'credentialsFile' | 'caFile' | 'certFile' | 'keyFile'>;

function optionsOf(text: string): Options | string {
  const files: Record<string, string> = {};
  const stream: { maxAgeDays: number; replicas: number; maxMegabytes?: number } = { ...DEFAULT_STREAM };
  const isFile = (name: string): name is keyof typeof FILES => Object.hasOwn(FILES, name);
  for (const [name, value] of new URLSearchParams(text)) {
    if (isFile(name)) {
      if (value === '') return `gives no file for ${name}.`;
      files[FILES[name]] = value;
      continue;
    }
    const [least, most] = NUMBERS[name] ?? [];
    if (least === undefined || most === undefined)
      return `has the option ${JSON.stringify(name.slice(0, 40))}, which there is not. Options are ${OPTIONS.join(', ')}.`;
    const number = /^[0-9]{1,10}$/.test(value) ? Number(value) : NaN;
    if (!(number >= least && number <= most)) return `needs a whole number from ${least} to ${most} as ${name}.`;
    Object.assign(stream, { [name]: number });
  }
  return { ...files, stream };
}

/** `user:password@`, or `token@`. */
function loginOf(credentials: string | undefined): Pick<NatsSetting, 'user' | 'password' | 'token'> | undefined {
  if (credentials === undefined) return {};
  const [first = '', ...rest] = credentials.split(':');
  try {
    if (rest.length === 0) return { token: decodeURIComponent(first) };
    return { user: decodeURIComponent(first), password: decodeURIComponent(rest.join(':')) };
  } catch (cause) {
    if (cause instanceof URIError) return undefined;
    throw cause;
  }
}
