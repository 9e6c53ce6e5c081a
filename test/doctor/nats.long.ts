import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { destroyAll, startProjector } from '../online-retail/command-line.js';
import { findNatsServer, NatsServer } from '../nats-server/nats-server.js';
import { diagnose } from './doctor.js';

const program = findNatsServer();

(program ? describe : describe.skip)('NATS', () => {
  let server: NatsServer;
  let folder: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    server = await NatsServer.start(program as string);
    folder = await mkdtemp(join(tmpdir(), 'doctor-nats-'));
    env = { LEDGER_DATA: folder, NATS_URL: server.url };
  });
  afterEach(async () => {
    await destroyAll();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  test('is asked what it is, and has no stream before the projector has published', async () => {
    const diagnosis = await diagnose(env);
    expect(diagnosis.finding('messages', 'reachable')).toMatchObject({ verdict: 'ok' });
    expect(diagnosis.finding('messages', 'server')?.found).toMatch(/^nats-server 2\./);
    expect(diagnosis.finding('messages', 'stream')).toMatchObject({
      verdict: 'ok',
      found: expect.stringMatching(/yet/),
    });
  });

  test('that is away fails, with what to do', async () => {
    await server.kill();
    const diagnosis = await diagnose(env);
    expect(diagnosis.exitCode).not.toBe(0);
    expect(diagnosis.finding('messages', 'reachable')).toMatchObject({
      verdict: 'fail',
      todo: expect.stringContaining('NATS_URL'),
    });
  });

  test('with a projector at work: the publisher is a follower like any other', async () => {
    startProjector(env);
    const isHeld = async () => (await diagnose(env)).finding('followers', 'public-events@1 lease') !== undefined;
    for (let waited = 0; !(await isHeld()) && waited < 20_000; waited += 250) await sleep(250);
    const diagnosis = await diagnose(env);
    expect(diagnosis.finding('followers', 'public-events@1')).toMatchObject({ verdict: 'ok' });
    expect(diagnosis.finding('followers', 'public-events@1 lease')).toMatchObject({ verdict: 'ok' });
    const without = await diagnose({ LEDGER_DATA: folder });
    expect(without.complaints.filter((complaint) => complaint.includes('public-events'))).toEqual([]);
  }, 60_000);
});
