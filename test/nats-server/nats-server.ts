import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from '@jest/globals';
import { connect } from '@nats-io/transport-node';

/** A real nats-server with JetStream, in a process and a store directory of its own; it comes back on the same port. */
export class NatsServer {
  #child: ChildProcess | undefined;

  private constructor(
    private readonly program: string,
    private readonly folder: string,
    readonly port: number,
    private readonly args: readonly string[],
  ) {}

  static async start(program: string, args: readonly string[] = []): Promise<NatsServer> {
    const folder = await mkdtemp(join(tmpdir(), 'nats-server-'));
    const server = new NatsServer(program, folder, await freePort(), args);
    await server.restart();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** As a power cut of its machine would, but for the disk: SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }

  /** On the store directory that it had before. */
  async restart(): Promise<void> {
    await this.kill();
    const where = ['--addr', '127.0.0.1', '--port', String(this.port), '--store_dir', this.folder];
    const child = spawn(this.program, ['--jetstream', ...where, ...this.args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let printed = '';
    child.stderr.on('data', (text: Buffer) => (printed = (printed + text.toString()).slice(-4_000)));
    this.#child = child;
    for (let waited = 0; !printed.includes('Server is ready'); waited += 20) {
      if (child.exitCode !== null || waited > 20_000) throw new Error(`nats-server did not come up:\n${printed}`);
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * The program: `TEST_NATS_SERVER`, or `nats-server` on the path or where Go installs it. Where it is missing, says so,
 * and in CI fails. Called once while a test file is loaded.
 */
export function findNatsServer(): string | undefined {
  const given = process.env.TEST_NATS_SERVER;
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...goFolders()];
  const program = given ?? folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
  if (program !== undefined) return program;
  const install = 'go install github.com/nats-io/nats-server/v2@v2.15.2';
  const message = `NATS WAS NOT TESTED: there is no nats-server. Set TEST_NATS_SERVER to one, or: ${install}`;
  console.error(message);
  (process.env.CI ? test : test.skip)('NATS', () => {
    throw new Error(message);
  });
  return undefined;
}

function goFolders(): readonly string[] {
  const { stdout } = spawnSync('go', ['env', 'GOBIN', 'GOPATH'], { encoding: 'utf8' });
  const [bin = '', path = ''] = stdout?.split('\n') ?? []; // nothing where there is no Go
  return [bin, path && join(path, 'bin')].filter((folder) => folder !== '');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('No port');
  return address.port;
}

/** A client of the tests' own, which stays connected while the server is up. */
export const connectTo = (server: NatsServer) => connect({ servers: `127.0.0.1:${server.port}` });
