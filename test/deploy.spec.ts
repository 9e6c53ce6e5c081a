import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect, test } from '@jest/globals';
import { readConfig } from '../src/infrastructure/config/config.js';

const compose = readFileSync('deploy/compose.yaml', 'utf8');

/** The lines of the file that hold a key, as they are; it is written so that a key's value stands on its line. */
const linesWith = (key: string): readonly string[] =>
  compose.split('\n').filter((line) => line.trimStart().startsWith(`${key}:`));

/** What stands between quotes or brackets. */
const portsOf = (line: string): readonly string[] => [...line.matchAll(/'([^']+)'/g)].map(([, port]) => port ?? '');

test('compose publishes on loopback only, since nothing there asks for a password', () => {
  const ports = linesWith('ports').flatMap(portsOf);
  expect(ports).toEqual(['127.0.0.1:2113:2113', '127.0.0.1:27017:27017', '127.0.0.1:4222:4222']);
  expect(compose).not.toMatch(/network_mode|^ *- *'?[0-9.]*:?[0-9]+:[0-9]+'?$/m);
});

test('every image of compose has a named version', () => {
  const images = linesWith('image').map((line) => line.replace(/.*image: */, '').trim());
  expect(images).toHaveLength(3);
  for (const image of images) expect(image).toMatch(/^[a-z/]+:[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z]+)?$/);
});

test('all data of compose is in named volumes', () => {
  const mounts = [...compose.matchAll(/([a-zA-Z./-]+):\/(?:var|data)[a-z/]*/g)].map(([, volume]) => volume ?? '');
  const declared = [...(compose.split(/^volumes:$/m)[1] ?? '').matchAll(/^ {2}([a-z-]+):$/gm)].map(([, name]) => name);
  expect(mounts).toHaveLength(4);
  expect([...mounts].sort()).toEqual([...declared].sort());
});

test('the settings for them are taken, and lead to the ports that compose publishes', () => {
  const config = readConfig(parseEnv(readFileSync('deploy/engines.env', 'utf8')));
  expect(config.eventStore?.shown).toBe('esdb://127.0.0.1:2113?tls=false');
  expect(config.mongodb).toMatchObject({
    shown: 'mongodb://127.0.0.1:27017/commerce-ledger',
    database: 'commerce-ledger',
  });
  expect(config.nats?.shown).toBe('nats://127.0.0.1:4222');
});
