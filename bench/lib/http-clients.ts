import { connect, type Socket } from 'node:net';
import { percentile } from './percentile.js';

/** `prefer` is the header of that name: `wait=10`. */
export type Request = Readonly<{ path: string; key: string; body: string; prefer?: string }>;
/** What one run of the clients saw. Times in milliseconds. */
export type Load = Readonly<{
  answers: number;
  perSecond: number;
  p50: number;
  p99: number;
  max: number;
}>;

/**
 * Clients that post without pause, each on a connection of its own to one of `urls` in turn, and wait for each answer before
 * they send the next. Ends after `forMs`, or when `requestOf` has no more. As little as a client can do, because it shares
 * the machine with what is measured: HTTP/1.1 by hand, answers with a Content-Length only.
 */
export async function load(
  urls: readonly string[],
  clients: number,
  forMs: number,
  requestOf: (n: number) => Request | undefined,
  onAnswer: (request: Request, status: number, body: string) => void = () => undefined,
): Promise<Load> {
  const latencies: number[] = [];
  const begin = performance.now();
  let next = 0;
  const client = async (index: number): Promise<void> => {
    const url = new URL(urls[index % urls.length] ?? '');
    const connection = await Connection.open(url);
    for (let now = performance.now(); now < begin + forMs;) {
      const request = requestOf(next++);
      if (!request) break;
      const { status, body } = await connection.post(request);
      const then = now;
      now = performance.now();
      latencies.push(now - then);
      onAnswer(request, status, body);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  const seconds = (performance.now() - begin) / 1_000;
  const sorted = Float64Array.from(latencies).sort();
  return {
    answers: latencies.length,
    perSecond: latencies.length / seconds,
    p50: percentile(sorted, 50),
    p99: percentile(sorted, 99),
    max: sorted.at(-1) ?? NaN,
  };
}

type Response = Readonly<{ status: number; body: string }>;

class Connection {
  #received = '';
  #waiting: { resolve: (response: Response) => void; reject: (error: Error) => void } | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly host: string,
  ) {
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('The connection was closed without an answer')));
  }

  static open({ hostname, port, host }: URL): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => resolve(new Connection(socket, host)));
      socket.once('error', reject);
    });
  }

  post({ path, key, body, prefer }: Request): Promise<Response> {
    const preference = prefer === undefined ? '' : `Prefer: ${prefer}\r\n`;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.socket.write(
        `POST ${path} HTTP/1.1\r\nHost: ${this.host}\r\nContent-Type: application/json\r\nIdempotency-Key: ${key}\r\n` +
          `${preference}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
    if (Number.isNaN(length))
      return void this.socket.destroy(new Error(`An answer without a Content-Length:\n${head}`));
    const end = headEnd + 4 + length;
    if (this.#received.length < end) return;
    const body = this.#received.slice(headEnd + 4, end);
    this.#received = this.#received.slice(end);
    this.#waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}
