import { BlockList, isIP } from 'node:net';
import { didYouMean } from './did-you-mean.js';
import { eventStoreSetting, type EventStoreSetting } from './eventstore-setting.js';
import { LOG_LEVELS, type LogLevel } from './log-level.js';
import { masterKeySetting, type MasterKeySetting } from './master-key-setting.js';
import { type MongoSetting, mongoSetting } from './mongodb-setting.js';
import { type NatsSetting, natsSetting } from './nats-setting.js';
import { stripeSetting, type StripeSetting } from './stripe-setting.js';

/**
 * Everything that can be set from outside, checked.
 * `dataFolder` as it was given; a relative one counts from the working directory
 * `host`       always a loopback address or `localhost`
 * `port`       0 to 65535; 0 lets the system choose a free one
 * `eventStore` where the log is; absent while it is in the data folder
 * `mongodb`    where the views are; absent while they are in the data folder
 * `stripe`     who carries payments out; absent while it is the sandbox in the data folder
 * `masterKey`  what the keys of personal data are wrapped under; absent for nothing
 * `nats`       where events are published and commands are taken, besides HTTP; absent for neither
 */
export type Config = Readonly<{
  dataFolder: string;
  host: string;
  port: number;
  logLevel: LogLevel;
  eventStore?: EventStoreSetting;
  mongodb?: MongoSetting;
  stripe?: StripeSetting;
  nats?: NatsSetting;
  masterKey?: MasterKeySetting;
}>;

/** Environment variables, as `process.env` holds them. An empty one counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting that cannot be used. `message` never holds the value of a secret. */
export type ConfigProblem = Readonly<{ setting: string; message: string }>;

/** The settings cannot be used. `message` lists every problem, one to a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly ConfigProblem[]) {
    const title = problems.length === 1 ? 'A setting is wrong:' : `${problems.length} settings are wrong:`;
    super([title, ...problems.map(({ setting, message }) => `  ${setting}: ${message}`)].join('\n'));
  }
}

export const DEFAULT_DATA_FOLDER = './data';
const DEFAULTS = { LEDGER_DATA: DEFAULT_DATA_FOLDER, HOST: '127.0.0.1', PORT: '3000', LOG_LEVEL: 'warn' } as const;
type Setting = keyof typeof DEFAULTS;
const MASTER_KEYS = ['LEDGER_MASTER_KEY', 'LEDGER_NEW_MASTER_KEY'].flatMap((name) => [name, `${name}_FILE`]);
const ENGINES = ['EVENTSTORE_URL', 'MONGODB_URL', 'NATS_URL'];
const STRIPE = ['SECRET_KEY', 'WEBHOOK_SECRET', 'RETURN_URL', 'API_URL', 'MULTICAPTURE'].map(
  (name) => `STRIPE_${name}`,
);
const SHOWN = [...Object.keys(DEFAULTS), 'LEDGER_MASTER_KEY', ...ENGINES, ...STRIPE];
const SETTINGS = [...Object.keys(DEFAULTS), ...MASTER_KEYS];

/**
 * Reads the settings out of `env`. A pure function: the caller passes `process.env`.
 * @throws ConfigError naming every problem at once
 */
export function readConfig(env: Environment): Config {
  const problems: ConfigProblem[] = [];
  const read = <T>(setting: Setting, parse: (text: string) => T): T | undefined => {
    try {
      return parse(env[setting] || DEFAULTS[setting]);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      problems.push({ setting, message: error.message });
      return undefined;
    }
  };
  const dataFolder = read('LEDGER_DATA', parseFolder);
  const host = read('HOST', parseLoopback);
  const port = read('PORT', parsePort);
  const logLevel = read('LOG_LEVEL', parseLogLevel);
  const eventStore = env.EVENTSTORE_URL ? eventStoreSetting(env.EVENTSTORE_URL) : undefined;
  if (typeof eventStore === 'string') problems.push({ setting: 'EVENTSTORE_URL', message: eventStore });
  const mongodb = env.MONGODB_URL ? mongoSetting(env.MONGODB_URL) : undefined;
  if (typeof mongodb === 'string') problems.push({ setting: 'MONGODB_URL', message: mongodb });
  const nats = env.NATS_URL ? natsSetting(env.NATS_URL) : undefined;
  if (typeof nats === 'string') problems.push({ setting: 'NATS_URL', message: nats });
  const stripe = stripeSetting(env);
  if (isProblems(stripe)) problems.push(...stripe);
  const masterKey = masterKeySetting(env, 'LEDGER_MASTER_KEY');
  if (masterKey && 'message' in masterKey) problems.push(masterKey);
  problems.push(...unknownSettings(env));
  if (problems.length > 0 || dataFolder === undefined || host === undefined || !logLevel || port === undefined) {
    throw new ConfigError(problems);
  }
  return {
    dataFolder,
    host,
    port,
    logLevel,
    ...(typeof eventStore === 'object' && { eventStore }),
    ...(typeof mongodb === 'object' && { mongodb }),
    ...(stripe && !isProblems(stripe) && { stripe }),
    ...(typeof nats === 'object' && { nats }),
    ...(masterKey && 'shown' in masterKey && { masterKey }),
  };
}

/** The settings by their names, fit for a log: nothing in it is secret. */
export function redacted(config: Config): Readonly<Record<string, string>> {
  return {
    LEDGER_DATA: withoutCredentials(config.dataFolder),
    HOST: config.host,
    PORT: String(config.port),
    LOG_LEVEL: config.logLevel,
    ...(config.eventStore && { EVENTSTORE_URL: config.eventStore.shown }),
    ...(config.mongodb && { MONGODB_URL: config.mongodb.shown }),
    ...(config.stripe && { STRIPE_SECRET_KEY: config.stripe.shown }),
    ...(config.nats && { NATS_URL: config.nats.shown }),
    ...(config.masterKey && { LEDGER_MASTER_KEY: config.masterKey.shown }),
  };
}

/** The text of one setting is not of its form. Becomes a `ConfigProblem`. */
class Malformed extends Error {}

function parseFolder(text: string): string {
  if (text.includes('\0') || text.trim() === '') throw new Malformed('is not the path of a folder.');
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text))
    throw new Malformed(`${quoted(text)} is a URL; give the path of a folder.`);
  return text;
}

/** https://www.rfc-editor.org/rfc/rfc6890: 127.0.0.0/8 and ::1. `localhost` is loopback by RFC 6761, section 6.3. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function parseLoopback(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (host.toLowerCase() === 'localhost') return 'localhost';
  const version = isIP(host);
  if (version !== 0 && LOOPBACK.check(host, version === 4 ? 'ipv4' : 'ipv6')) return host;
  throw new Malformed(
    `${quoted(text)} is not a loopback address. There is no authentication yet, so whoever reaches the API may change ` +
      'the ledger; it listens only where this machine alone can reach it: 127.0.0.1, ::1 or localhost.',
  );
}

function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new Malformed(`${quoted(text)} is not a port. Give a whole number from 0 to 65535; 0 takes any free one.`);
}

function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((name) => name === text.toLowerCase());
  if (level) return level;
  throw new Malformed(`${quoted(text)} is not a level. Give one of ${LOG_LEVELS.join(', ')}.`);
}

const isProblems = <T extends object>(
  setting: T | readonly ConfigProblem[] | undefined,
): setting is readonly ConfigProblem[] => Array.isArray(setting);

/** Only `LEDGER_…` is ours alone; other names may belong to any program. */
function unknownSettings(env: Environment): ConfigProblem[] {
  const bare = new Map(SETTINGS.map((name) => [name.replace(/^LEDGER_/, ''), name]));
  return Object.keys(env)
    .filter((name) => /^LEDGER_/i.test(name) && !SETTINGS.includes(name))
    .sort()
    .map((setting) => {
      const like = bare.get(didYouMean(setting.slice('LEDGER_'.length), [...bare.keys()]) ?? '');
      const known = like ? `Did you mean ${like}?` : `Settings are ${SHOWN.join(', ')}.`;
      return { setting, message: `unknown setting. ${known}` };
    });
}

/** A value for a message: short, and without what stands before an `@` in a URL. */
function quoted(text: string): string {
  const safe = withoutCredentials(text);
  return JSON.stringify(safe.length > 60 ? `${safe.slice(0, 60)}…` : safe);
}

const withoutCredentials = (text: string): string => text.replace(/\/\/[^/]*@/g, '//***@');
