import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig, redacted } from '../../src/infrastructure/config/config.js';
import { mongoSetting } from '../../src/infrastructure/config/mongodb-setting.js';
import { clientFor } from '../../src/infrastructure/view-store/mongo/mongo-connection.js';

const secret = 'tell-nobody';

test.each([
  ['mongodb://127.0.0.1:27017', 'commerce-ledger', 'mongodb://127.0.0.1:27017/commerce-ledger'],
  ['mongodb://127.0.0.1/', 'commerce-ledger', 'mongodb://127.0.0.1/commerce-ledger'],
  ['mongodb://a:1,b:2,c:3/shop?replicaSet=rs0', 'shop', 'mongodb://a:1,b:2,c:3/shop'],
  [
    `mongodb+srv://user:${secret}@cluster.example/shop?retryWrites=true&w=majority`,
    'shop',
    'mongodb+srv://***@cluster.example/shop',
  ],
  [`mongodb://h/?tls=true&tlsCertificateKeyFilePassword=${secret}`, 'commerce-ledger', 'mongodb://h/commerce-ledger'],
  ['mongodb://[::1]:27017/shop', 'shop', 'mongodb://[::1]:27017/shop'],
])('%s holds the views in %s', (url, database, shown) => {
  expect(mongoSetting(url)).toEqual({ url, database, shown });
  expect(redacted(readConfig({ MONGODB_URL: url }))).toMatchObject({ MONGODB_URL: shown });
});

test('views are in the data folder where it is not set', () => {
  expect(readConfig({ MONGODB_URL: '' })).not.toHaveProperty('mongodb');
  expect(redacted(readConfig({}))).not.toHaveProperty('MONGODB_URL');
});

describe.each([
  ['another scheme', `http://user:${secret}@h/x`, /mongodb:/],
  ['no host', `mongodb://user:${secret}@/x`, /connection string/],
  ['a bare host', 'localhost:27017', /mongodb:/],
  ['a slash in the password', `mongodb://user:a/${secret}@h/x`, /percent-encoded/],
  ['an at-sign in the password', `mongodb://user:a@${secret}@h/x`, /percent-encoded/],
  ['a database with a dot', `mongodb://user:${secret}@h/a.b`, /name a database/],
  ['a database with a dollar, encoded', 'mongodb://h/%24x', /name a database/],
  ['less than a majority', 'mongodb://h/x?w=1', /w=majority/],
  ['no journal', 'mongodb://h/x?journal=false', /journal=true/],
  ['reading from others', 'mongodb://h/x?readPreference=secondaryPreferred', /readPreference=primary/],
])('%s', (_, url, reason) => {
  test('is refused, and no secret is told', () => {
    expect(mongoSetting(url)).toMatch(reason);
    expect(mongoSetting(url)).not.toContain(secret);
    expect(() => readConfig({ MONGODB_URL: url })).toThrow(ConfigError);
  });
});

test.each([
  [`mongodb://user:${secret}@h/x?foo=1`, 'foo'],
  [`mongodb://user:${secret}@h:99999/x`, 'h:99999'],
  [`mongodb://user:${secret}@h/x?tls=maybe`, 'tls'],
  [`mongodb://user:${secret}%ZZ@h/x`, 'MONGODB_URL'],
  [`mongodb://user:${secret}@h:${secret}/x`, 'MONGODB_URL'],
])('what only the driver finds wrong in %s is a wrong setting too', (url, named) => {
  expect(() => clientFor(url)).toThrow(ConfigError);
  expect(() => clientFor(url)).toThrow(named);
  expect(() => clientFor(url)).not.toThrow(secret);
});
