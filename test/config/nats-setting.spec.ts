import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig, redacted } from '../../src/infrastructure/config/config.js';
import { DEFAULT_STREAM, natsSetting } from '../../src/infrastructure/config/nats-setting.js';

const secret = 'tell-nobody';

test.each([
  ['nats://127.0.0.1', { servers: ['127.0.0.1:4222'], tls: false, shown: 'nats://127.0.0.1:4222' }],
  ['nats://127.0.0.1:4223/', { servers: ['127.0.0.1:4223'], shown: 'nats://127.0.0.1:4223' }],
  ['tls://a.example,b.example:4333', { servers: ['a.example:4222', 'b.example:4333'], tls: true }],
  ['nats://[::1]:4222', { servers: ['[::1]:4222'] }],
  [`nats://shop:${secret}%40%3A@h`, { user: 'shop', password: `${secret}@:`, shown: 'nats://***@h:4222' }],
  [`nats://${secret}@h`, { token: secret, shown: 'nats://***@h:4222' }],
  ['tls://h?credentials=/run/shop.creds', { credentialsFile: '/run/shop.creds', shown: 'tls://h:4222' }],
  [
    'tls://h?tlsCaFile=ca.pem&tlsCertFile=c.pem&tlsKeyFile=k.pem',
    { caFile: 'ca.pem', certFile: 'c.pem', keyFile: 'k.pem' },
  ],
  ['nats://h', { stream: DEFAULT_STREAM }],
  [
    'nats://h?maxAgeDays=90&maxMegabytes=500&replicas=3',
    { stream: { maxAgeDays: 90, maxMegabytes: 500, replicas: 3 } },
  ],
])('%s is understood', (url, part) => {
  expect(natsSetting(url)).toMatchObject(part);
  const setting = readConfig({ NATS_URL: url });
  expect(setting.nats).toEqual(natsSetting(url));
  expect(redacted(setting)).toMatchObject({ NATS_URL: setting.nats?.shown });
  expect(JSON.stringify(redacted(setting))).not.toContain(secret);
});

test('where it is not set, there is no NATS', () => {
  expect(readConfig({ NATS_URL: '' })).not.toHaveProperty('nats');
  expect(redacted(readConfig({}))).not.toHaveProperty('NATS_URL');
});

describe.each([
  ['another scheme', `http://user:${secret}@h`, /nats:\/\//],
  ['no host', `nats://user:${secret}@`, /nats:\/\//],
  ['a bare host', '127.0.0.1:4222', /nats:\/\//],
  ['a path', `nats://${secret}@h/x`, /nats:\/\//],
  ['a slash in the password', `nats://user:a/${secret}@h`, /percent-encoded/],
  ['an at-sign in the password', `nats://user:a@${secret}@h`, /percent-encoded/],
  ['a port that is none', `nats://${secret}@h:99999`, /name a host/],
  ['an empty host', `nats://${secret}@h,,i`, /name a host/],
  ['bad percent-encoding', `nats://user:%zz${secret}@h`, /percent-encoded/],
  ['an option that there is not', 'nats://h?color=red', /Options are credentials/],
  ['no file', 'nats://h?credentials=', /no file for credentials/],
  ['no days', 'nats://h?maxAgeDays=0', /1 to 36500/],
  ['a fraction', 'nats://h?replicas=1.5', /1 to 5/],
])('%s', (_, url, reason) => {
  test('is refused, and no secret is told', () => {
    expect(natsSetting(url)).toMatch(reason);
    expect(natsSetting(url)).not.toContain(secret);
    expect(() => readConfig({ NATS_URL: url })).toThrow(ConfigError);
  });
});
