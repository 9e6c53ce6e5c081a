import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { natsSetting, type NatsSetting } from '../../src/infrastructure/config/nats-setting.js';
import { backgroundWith, SWEEPS } from '../../src/infrastructure/processes/background.js';

const FOLDER = 'src/application/processes';

test('every sweep that there is has its name in the list that status, doctor and health go by', () => {
  const names = readdirSync(FOLDER).flatMap((file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    return text.includes('implements Sweep') ? [/readonly name = '(.+@\d+)'/.exec(text)?.[1]] : [];
  });
  expect(names.length).toBeGreaterThan(1);
  expect([...SWEEPS].sort()).toEqual(names.sort());
});

test('is what the settings make of it', () => {
  const nats = natsSetting('nats://127.0.0.1') as NatsSetting;
  const stripe = {
    secretKey: 'sk_test_1',
    mode: 'test',
    returnUrl: '',
    multicapture: false,
    webhookSecrets: [],
    shown: '',
  } as const;
  const has = (settings: Parameters<typeof backgroundWith>[0]) => {
    const names = backgroundWith(settings);
    return ['payments@2', 'provider-events@1', 'public-events@1', 'payment-requests@1', 'provider-notices@1'].filter(
      (name) => names.includes(name),
    );
  };
  expect(has({})).toEqual(['payments@2', 'provider-events@1', 'payment-requests@1', 'provider-notices@1']);
  expect(has({ nats, stripe })).toEqual(['payments@2', 'provider-events@1', 'public-events@1', 'payment-requests@1']);
});
