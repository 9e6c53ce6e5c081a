import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { pause } from '../../src/application/pause.js';

/** stripe-mock is nowhere on this machine. */
export class NoStripeMock extends Error {
  override readonly name = 'NoStripeMock';
}

/** Where `go install github.com/stripe/stripe-mock@v0.203.0` puts it, or on the path. */
function program(): string {
  const gopath = spawnSync('go', ['env', 'GOPATH'], { encoding: 'utf8' }).stdout?.trim();
  const folders = [...(gopath ? [join(gopath, 'bin')] : []), ...(process.env['PATH'] ?? '').split(delimiter)];
  for (const folder of folders) {
    const candidate = join(folder, 'stripe-mock');
    if (spawnSync(candidate, ['-version']).status === 0) return candidate;
  }
  throw new NoStripeMock('stripe-mock is missing: go install github.com/stripe/stripe-mock@v0.203.0');
}

/** Stripe's own mock of its API, on a free port of the loopback address. @throws NoStripeMock */
export async function startStripeMock(): Promise<Readonly<{ url: string; stop: () => Promise<void> }>> {
  const port = await freePort();
  const child = spawn(program(), ['-http-addr', `127.0.0.1:${port}`, '-strict-version-check=false'], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; !(await answers(url)); attempt++) {
    if (attempt > 100 || child.exitCode !== null)
      throw new Error(`stripe-mock does not answer (exit ${child.exitCode})`);
    await pause(100);
  }
  return { url, stop: () => end(child) };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
