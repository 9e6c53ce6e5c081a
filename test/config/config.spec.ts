import { describe, expect, test } from '@jest/globals';
import { ConfigError, type Environment, readConfig, redacted } from '../../src/infrastructure/config/config.js';

/** The problems of an environment, by setting. */
function problems(env: Environment): Record<string, string> {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) {
      return Object.fromEntries(error.problems.map(({ setting, message }) => [setting, message]));
    }
    throw error;
  }
  return {};
}

test('nothing set is a ledger on this machine alone', () => {
  expect(readConfig({})).toEqual({ dataFolder: './data', host: '127.0.0.1', port: 3000, logLevel: 'warn' });
});

test('an empty setting counts as not set', () => {
  expect(readConfig({ LEDGER_DATA: '', HOST: '', PORT: '', LOG_LEVEL: '', MONGODB_URL: '' })).toEqual(readConfig({}));
});

test('settings of other programs are none of our business', () => {
  expect(problems({ PATH: '/bin', NODE_ENV: 'production', HOSTNAME: 'shop', MY_LEDGER_PORT: '1' })).toEqual({});
});

test.each([
  ['LEDGER_DATA', '/var/lib/ledger', { dataFolder: '/var/lib/ledger' }],
  ['LEDGER_DATA', 'a folder with spaces', { dataFolder: 'a folder with spaces' }],
  ['HOST', '127.0.0.2', { host: '127.0.0.2' }],
  ['HOST', '::1', { host: '::1' }],
  ['HOST', '[::1]', { host: '::1' }],
  ['HOST', '0:0:0:0:0:0:0:1', { host: '0:0:0:0:0:0:0:1' }],
  ['HOST', 'LocalHost', { host: 'localhost' }],
  ['PORT', '0', { port: 0 }],
  ['PORT', '65535', { port: 65_535 }],
  ['LOG_LEVEL', 'debug', { logLevel: 'debug' }],
  ['LOG_LEVEL', 'INFO', { logLevel: 'info' }],
])('%s=%s is taken', (setting, value, expected) => {
  expect(readConfig({ [setting]: value })).toEqual({ ...readConfig({}), ...expected });
});

test.each([
  ['LEDGER_DATA', '   ', /not the path of a folder/],
  ['LEDGER_DATA', 'a\0b', /not the path of a folder/],
  ['LEDGER_DATA', 'https://example.org/data', /is a URL/],
  ['HOST', '0.0.0.0', /"0\.0\.0\.0" is not a loopback address.*no authentication/],
  ['HOST', '::', /not a loopback address/],
  ['HOST', '192.168.1.10', /not a loopback address/],
  ['HOST', '128.0.0.1', /not a loopback address/],
  ['HOST', '127.0.0.1.example.org', /not a loopback address/],
  ['HOST', 'shop.example.org', /not a loopback address/],
  ['HOST', '127.1', /not a loopback address/],
  ['PORT', '65536', /"65536" is not a port/],
  ['PORT', '-1', /not a port/],
  ['PORT', '80.5', /not a port/],
  ['PORT', '3000x', /not a port/],
  ['PORT', '0x50', /not a port/],
  ['PORT', ' 80', /not a port/],
  ['LOG_LEVEL', 'loud', /Give one of silent, fatal, error, warn, info, debug, trace/],
])('%s=%j is refused', (setting, value, message) => {
  expect(problems({ [setting]: value })).toEqual({ [setting]: expect.stringMatching(message) });
});

test.each([
  ['LEDGER_DATE', 'Did you mean LEDGER_DATA?'],
  ['LEDGER_data', 'Did you mean LEDGER_DATA?'],
  ['LEDGER_DATTA', 'Did you mean LEDGER_DATA?'],
  ['LEDGER_PORT', 'Did you mean PORT?'],
  ['LEDGER_LOGLEVEL', 'Did you mean LOG_LEVEL?'],
  [
    'LEDGER_COLOUR',
    'Settings are LEDGER_DATA, HOST, PORT, LOG_LEVEL, LEDGER_MASTER_KEY, EVENTSTORE_URL, MONGODB_URL, NATS_URL, ' +
      'STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_RETURN_URL, STRIPE_API_URL, STRIPE_MULTICAPTURE.',
  ],
])('%s is an unknown setting: %s', (setting, hint) => {
  expect(problems({ [setting]: 'x' })).toEqual({ [setting]: `unknown setting. ${hint}` });
});

test('every problem is listed at once', () => {
  const env = { HOST: '0.0.0.0', PORT: 'x', LOG_LEVEL: 'y', LEDGER_DIR: 'z', NATS_URL: 'http://127.0.0.1' };
  expect(Object.keys(problems(env)).sort()).toEqual(['HOST', 'LEDGER_DIR', 'LOG_LEVEL', 'NATS_URL', 'PORT']);
  const lines = new ConfigError([
    { setting: 'PORT', message: 'one' },
    { setting: 'HOST', message: 'two' },
  ]).message;
  expect(lines).toBe('2 settings are wrong:\n  PORT: one\n  HOST: two');
});

describe('the master key', () => {
  const key = Buffer.alloc(32, 7);

  test('is 32 bytes in base64, or the file that they are in; never both', () => {
    expect(readConfig({ LEDGER_MASTER_KEY: key.toString('base64') }).masterKey).toEqual({ key, shown: 'set' });
    const file = '/run/secrets/master-key';
    expect(readConfig({ LEDGER_MASTER_KEY_FILE: file }).masterKey).toEqual({ file, shown: `in ${file}` });
    expect(problems({ LEDGER_MASTER_KEY: key.toString('base64'), LEDGER_MASTER_KEY_FILE: file })).toEqual({
      LEDGER_MASTER_KEY_FILE: 'cannot be set together with LEDGER_MASTER_KEY.',
    });
    expect(problems({ LEDGER_MASTER_KEY: key.toString('hex') })).toEqual({
      LEDGER_MASTER_KEY: expect.stringMatching(/^must be 32 bytes in base64/),
    });
  });

  test('is not shown', () => {
    const shown = redacted(readConfig({ LEDGER_MASTER_KEY: key.toString('base64') }));
    expect(shown).toMatchObject({ LEDGER_MASTER_KEY: 'set' });
  });
});

describe('secrets', () => {
  const secret = 'tell-nobody';

  test.each([
    ['STRIPE_SECRET_KEY', secret],
    ['EVENTSTORE_URL', `esdb://admin:${secret}@127.0.0.1:2113?colour=red`],
    ['EVENTSTORE_URL', `esdb://admin:${secret}/x@127.0.0.1:2113`],
    ['EVENTSTORE_URL', `http://admin:${secret}@127.0.0.1:2113`],
    ['MONGODB_URL', `mongodb://user:${secret}/x@127.0.0.1/ledger`],
    ['MONGODB_URL', `mongodb:/user:${secret}@127.0.0.1/ledger`],
    ['NATS_URL', `http://${secret}@127.0.0.1`],
    ['NATS_URL', `nats://user:${secret}@127.0.0.1:x`],
    ['LEDGER_STRIPE_KEY', secret],
    ['LEDGER_MASTER_KEY', secret],
    ['HOST', `http://user:${secret}@127.0.0.1`],
    ['LEDGER_DATA', `file://user:${secret}@server/share`],
  ])('%s: the error does not print its value', (setting, value) => {
    expect(() => readConfig({ [setting]: value })).toThrow(setting);
    expect(() => readConfig({ [setting]: value })).not.toThrow(new RegExp(secret));
  });

  test('the redacted view names the settings, without credentials', () => {
    const config = { ...readConfig({ PORT: '3001' }), dataFolder: `//user:${secret}@server/share` };
    expect(redacted(config)).toEqual({
      LEDGER_DATA: '//***@server/share',
      HOST: '127.0.0.1',
      PORT: '3001',
      LOG_LEVEL: 'warn',
    });
  });
});
