import { expect, test } from '@jest/globals';
import { readConfig, redacted } from '../../src/infrastructure/config/config.js';
import { parseEventStoreUrl } from '../../src/infrastructure/event-store/eventstoredb/connection-string.js';

const NODE = { address: 'a', port: 2113 };

test.each([
  ['esdb://a', { discover: false, hosts: [NODE], tls: true }],
  ['esdb://a:2114?tls=false', { hosts: [{ ...NODE, port: 2114 }], tls: false }],
  ['esdb://a,b:1,c/?TLS=true', { hosts: [NODE, { address: 'b', port: 1 }, { address: 'c', port: 2113 }], tls: true }],
  ['esdb+discover://admin:change%40it:now@a?tls=false', { discover: true, credentials: { password: 'change@it:now' } }],
  [
    'esdb://a?defaultDeadline=700&tlsCAFile=x%2Fca.crt',
    { numbers: { defaultDeadline: 700 }, files: { tlsCAFile: 'x/ca.crt' } },
  ],
  [
    'esdb://a?userCertFile=c&userKeyFile=k&connectionName=till',
    { files: { userCertFile: 'c', userKeyFile: 'k' }, connectionName: 'till' },
  ],
  ['esdb://a?nodePreference=Leader&keepAliveInterval=-1', { numbers: { keepAliveInterval: -1 } }],
])('%s', (url, settings) => {
  expect(parseEventStoreUrl(url)).toMatchObject(settings);
});

test.each([
  ['http://a', /is not of the form esdb/],
  ['esdb://', /is not of the form esdb/],
  ['esdb://user@a', /not user:password/],
  ['esdb://a:70000', /has a host/],
  ['esdb://a b', /has a host/],
  ['esdb+discover://a,b', /takes one host/],
  ['esdb://a?tls=maybe', /tls is neither true nor false/],
  ['esdb://a?keepAliveInterval=-5', /keepAliveInterval is not a whole number from -1 to 999999999/],
  ['esdb://a?defaultDeadline=0', /defaultDeadline is not a whole number from 1/],
  ['esdb://a?defaultDeadline=soon', /defaultDeadline is not a whole number/],
  ['esdb://a?nodePreference=follower', /nodePreference can only be leader/],
  ['esdb://a?tlsVerifyCert=false', /tlsCAFile/],
  ['esdb://a?throwOnAppendFailure=false', /throwOnAppendFailure/],
  ['esdb://a?userCertFile=c', /go together/],
  ['esdb://a?colour=red', /not one of tlsCAFile/],
  ['esdb://a:b%@c', /does not begin an escape/],
])('%s is refused', (url, message) => {
  expect(() => readConfig({ EVENTSTORE_URL: url })).toThrow(message);
});

test('is shown without its credentials', () => {
  const config = readConfig({ EVENTSTORE_URL: 'esdb+discover://admin:tell-nobody@a?tls=false&tlsCAFile=x' });
  expect(redacted(config)).toMatchObject({ EVENTSTORE_URL: 'esdb+discover://***@a:2113?tls=false' });
});
