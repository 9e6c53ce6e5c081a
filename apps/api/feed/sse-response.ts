import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** The client has taken nothing for too long while there was something for it. */
export class SlowClient extends Error {
  override readonly name = 'SlowClient';
}

/** One client of a stream of server-sent events (HTML standard, section 9.2). Writes no faster than it reads. */
export class SseResponse {
  #position: string;
  readonly #heartbeat: NodeJS.Timeout;

  /**
   * Sends the headers, and the position that this begins after: should nothing come before the connection breaks, the
   * client resumes from there.
   */
  constructor(
    private readonly raw: ServerResponse,
    headers: Readonly<Record<string, string>>,
    begin: bigint,
    heartbeatMs: number,
    private readonly patienceMs: number,
  ) {
    this.#position = String(begin);
    raw.writeHead(200, {
      ...headers,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no', // proxies that would hold events back
    });
    raw.write(`retry: 1000\nid: ${this.#position}\n\n`);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
  }

  /**
   * Sends events, each of one line of JSON, and resolves once there is room for more.
   * @param upTo how far the log was looked at: no event of this client lies between the last of these and it
   * @throws SlowClient, or the signal's reason
   */
  async send(events: readonly Readonly<{ position: string; json: string }>[], upTo: bigint, signal: AbortSignal) {
    const text = events.map(({ position, json }) => `id: ${position}\ndata: ${json}\n\n`).join('');
    const hasRoom = text === '' || this.raw.write(text);
    this.#position = String(upTo);
    if (hasRoom) return;
    const patience = AbortSignal.timeout(this.patienceMs);
    try {
      await once(this.raw, 'drain', { signal: AbortSignal.any([signal, patience]) });
    } catch (cause) {
      if (!patience.aborted) throw cause;
      throw new SlowClient(`It took nothing for ${this.patienceMs} ms`, { cause });
    }
  }

  /** Ends after what was sent, at once if the client does not take it. */
  end(): void {
    clearInterval(this.#heartbeat);
    if (this.raw.writableNeedDrain) this.raw.destroy();
    else this.raw.end();
  }

  /** A comment keeps the connection open; the id beside it moves on where a filtered client resumes, without an event. */
  #beat(): void {
    if (!this.raw.writableNeedDrain) this.raw.write(`id: ${this.#position}\n: \n\n`);
  }
}
