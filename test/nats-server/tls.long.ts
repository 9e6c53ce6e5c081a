/** TLS to a real nats-server, with certificates that are made here. */
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { natsSetting, type NatsSetting } from '../../src/infrastructure/config/nats-setting.js';
import { connectNats, NatsUnavailable } from '../../src/infrastructure/messaging/nats-connection.js';
import { diagnose } from '../doctor/doctor.js';
import { temporaryFolders } from '../temporary-folders.js';
import { Authority, hasOpenssl, type Certificate } from './certificates.js';
import { findNatsServer, NatsServer } from './nats-server.js';

const program = findNatsServer();
const canMake = hasOpenssl();
let server: NatsServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
const newFolder = temporaryFolders();

(program && canMake ? describe : describe.skip)('TLS to a real nats-server', () => {
  let authority: Authority;
  let stranger: Authority;
  let ofServer: Certificate;
  beforeAll(() => {
    const folder = newFolder();
    [authority, stranger] = [Authority.make(folder), Authority.make(folder, 'stranger')];
    ofServer = authority.sign('server', 'IP:127.0.0.1');
  });

  const start = async ({ cert, key }: Certificate, ...more: readonly string[]) => {
    server = await NatsServer.start(program as string, ['--tls', '--tlscert', cert, '--tlskey', key, ...more]);
    return server.port;
  };
  const setting = (port: number, options: Readonly<Record<string, string>> = {}, scheme = 'tls') =>
    natsSetting(`${scheme}://127.0.0.1:${port}?${new URLSearchParams(options).toString()}`) as NatsSetting;
  /** What a connection ends in: `fine` once JetStream has answered over it. */
  async function outcome(asked: NatsSetting): Promise<string> {
    try {
      const connection = await connectNats(asked, 'test');
      await (await jetstreamManager(connection)).getAccountInfo();
      await connection.close();
      return 'fine';
    } catch (error) {
      expect(error).toBeInstanceOf(NatsUnavailable);
      return (error as Error).message;
    }
  }

  test('a server whose authority is named is trusted, one of which it is not is refused', async () => {
    const port = await start(ofServer);
    expect(await outcome(setting(port, { tlsCaFile: authority.own.cert }))).toBe('fine');
    expect(await outcome(setting(port, { tlsCaFile: authority.own.cert }, 'nats'))).toBe('fine');
    for (const options of [{}, { tlsCaFile: stranger.own.cert }]) {
      expect(await outcome(setting(port, options))).toMatch(/^NATS at tls:\/\/127\.0\.0\.1:\d+: .*certificate/);
    }
    expect(await outcome(setting(port, {}, 'nats'))).toMatch(/certificate/);
  });

  test('a certificate for another name is refused', async () => {
    const port = await start(authority.sign('elsewhere', 'DNS:nats.example'));
    expect(await outcome(setting(port, { tlsCaFile: authority.own.cert }))).toMatch(/altnames|does not match/);
  });

  test('a server that speaks no TLS is refused where TLS is asked for', async () => {
    server = await NatsServer.start(program as string);
    expect(await outcome(setting(server.port, { tlsCaFile: authority.own.cert }))).toMatch(/tls/i);
  });

  test('a server that asks who is there lets in whom its authority has signed, and nobody else', async () => {
    const port = await start(ofServer, '--tlsverify', '--tlscacert', authority.own.cert);
    const as = ({ cert, key }: Certificate) =>
      setting(port, { tlsCaFile: authority.own.cert, tlsCertFile: cert, tlsKeyFile: key });
    expect(await outcome(as(authority.sign('ledger', 'DNS:ledger')))).toBe('fine');
    expect(await outcome(as(stranger.sign('ledger', 'DNS:ledger')))).not.toBe('fine');
    expect(await outcome(setting(port, { tlsCaFile: authority.own.cert }))).not.toBe('fine');
  });

  test('the doctor says what to do about a certificate', async () => {
    const port = await start(ofServer);
    const LEDGER_DATA = newFolder();
    const well = `tls://127.0.0.1:${port}?tlsCaFile=${encodeURIComponent(authority.own.cert)}`;
    expect((await diagnose({ LEDGER_DATA, NATS_URL: well })).finding('messages', 'reachable')).toMatchObject({
      verdict: 'ok',
    });
    const unknown = await diagnose({ LEDGER_DATA, NATS_URL: `tls://127.0.0.1:${port}` });
    expect(unknown.finding('messages', 'reachable')).toMatchObject({
      verdict: 'fail',
      todo: expect.stringMatching(/certificate is not trusted.*NATS_URL/),
    });
  });
});
