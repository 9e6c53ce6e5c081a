import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { CloudEvent } from '../../src/application/public-events/cloud-event.js';

/** A client of the feed that counts what it hears and remembers, as a browser does, where to resume. */
export class SseClient {
  readonly events: CloudEvent[] = [];
  lastEventId: string | undefined;
  /** Comments heard. */
  heartbeats = 0;
  #buffer = '';
  #wake = (): void => undefined;

  private constructor(
    readonly request: ClientRequest,
    readonly response: IncomingMessage,
    readonly ended: Promise<unknown>,
  ) {
    response.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    response.on('error', () => this.#wake()); // it was cut: `ended` tells
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<SseClient> {
    const asking = request(url, { headers, agent: false });
    asking.end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    const ended = new Promise((resolve) => response.once('close', resolve));
    return new SseClient(asking, response, ended);
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  /** Resolves as soon as `met` holds, looking at every piece that comes. */
  async until(met: () => boolean, withinMs = 10_000): Promise<void> {
    const late = AbortSignal.timeout(withinMs);
    while (!met()) {
      if (late.aborted) throw new Error(`Not met within ${withinMs} ms, after ${this.events.length} events`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 200);
      });
    }
  }

  /** As a crash of the client would: nothing is said. */
  async kill(): Promise<void> {
    this.request.destroy();
    await this.ended;
  }

  #take(text: string): void {
    const blocks = (this.#buffer + text).split('\n\n');
    this.#buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      for (const line of block.split('\n')) {
        if (line.startsWith('id: ')) this.lastEventId = line.slice(4);
        if (line.startsWith('data: ')) this.events.push(JSON.parse(line.slice(6)) as CloudEvent);
        if (line.startsWith(':')) this.heartbeats += 1;
      }
    }
    this.#wake();
  }
}
