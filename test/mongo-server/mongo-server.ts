import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCE = fileURLToPath(new URL('.', import.meta.url));
const SOURCES = ['pom.xml', join('src', 'main', 'java', 'MongoTestServer.java')];
const CACHE = join(SOURCE, '..', '..', 'node_modules', '.cache', 'mongo-server');

/** There is no Java 17 or no Maven here, or the server could not be built or started. */
export class NoMongoServer extends Error {
  override readonly name = 'NoMongoServer';
}

/** A wire-protocol server of its own process, in memory; see `MongoTestServer.java`. It ends when this process does. */
export class MongoServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /**
   * Builds it first where it has not been built.
   * @param port 0 for any free one
   * @throws NoMongoServer
   */
  static async start(port = 0): Promise<MongoServer> {
    const jar = await builtJar();
    const child = spawn('java', ['-Xmx3g', '-jar', jar, String(port)], { stdio: ['pipe', 'pipe', 'pipe'] });
    return new MongoServer(child, await listeningPort(child));
  }

  get url(): string {
    return `mongodb://127.0.0.1:${this.port}`;
  }

  /** It forgets everything. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await ended;
  }
}

async function listeningPort(child: ChildProcess): Promise<number> {
  let printed = '';
  return new Promise((resolve, reject) => {
    const failed = (why: string) =>
      reject(new NoMongoServer(`The MongoDB wire server did not start: ${why}\n${printed}`));
    child.once('error', (cause) => failed(cause.message));
    child.once('exit', (code, signal) => failed(`it ended with ${code ?? signal}`));
    child.stderr?.on('data', (text: Buffer) => (printed += text.toString()));
    child.stdout?.on('data', (text: Buffer) => {
      printed += text.toString();
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

/** Named by what it was built from; put in its place when it is whole, so that several may build at once. */
async function builtJar(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of SOURCES) hash.update(await readFile(join(SOURCE, file)));
  const jar = join(CACHE, `mongo-server-${hash.digest('hex').slice(0, 12)}.jar`);
  try {
    await access(jar);
    return jar;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  await mkdir(CACHE, { recursive: true });
  const output = await mkdtemp(join(CACHE, 'build-'));
  try {
    await maven(output);
    await rename(join(output, 'mongo-server.jar'), jar);
  } finally {
    await rm(output, { recursive: true });
  }
  return jar;
}

async function maven(output: string): Promise<void> {
  const args = ['--quiet', '--batch-mode', `--file=${join(SOURCE, 'pom.xml')}`, `-Doutput=${output}`, 'package'];
  try {
    await promisify(execFile)('mvn', args, { timeout: 300_000 });
  } catch (cause) {
    const { code, stdout = '', stderr = '' } = cause as { code?: unknown; stdout?: string; stderr?: string };
    const why = code === 'ENOENT' ? 'mvn was not found' : `${stdout}${stderr}`.trim();
    throw new NoMongoServer(`The MongoDB wire server was not built; it needs Java 17 and Maven: ${why}`, { cause });
  }
}
