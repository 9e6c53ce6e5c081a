import type { FastifyBaseLogger } from 'fastify';
import { pause } from '../../../src/application/pause.js';
import type { NatsSetting } from '../../../src/infrastructure/config/nats-setting.js';
import { connectNats, natsUnavailable } from '../../../src/infrastructure/messaging/nats-connection.js';
import { backOffMs, orAbort } from '../../../src/infrastructure/waiting.js';
import type { Api } from '../app.js';
import { CommandBridge } from './command-bridge.js';
import { CommandTransport } from './command-transport.js';

const BACK_OFF_MIN_MS = 100;
const BACK_OFF_MAX_MS = 10_000;

/** Takes commands over NATS as long as it is there; HTTP goes on without it. */
export class NatsCommands {
  readonly #stop = new AbortController();
  readonly #bridge: CommandBridge;
  readonly #running: Promise<void>;
  #isServing = false;

  /** Begins at once. */
  constructor(
    api: Pick<Api, 'app'>,
    private readonly setting: NatsSetting,
    private readonly log: Pick<FastifyBaseLogger, 'warn'>,
  ) {
    this.#bridge = new CommandBridge(api);
    this.#running = this.#run();
  }

  /** Whether it is connected and subscribed. */
  get isServing(): boolean {
    return this.#isServing;
  }

  /** Takes nothing new, and resolves when all that was taken is answered. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.#serve();
        failures = 0; // it was up
      } catch (error) {
        this.log.warn({ err: error }, 'commands are not taken over NATS; trying again');
      }
      await pause(backOffMs(Math.max(failures, 1), BACK_OFF_MIN_MS, BACK_OFF_MAX_MS, Math.random), signal);
    }
  }

  /** One connection, from its opening until it is lost or this is stopped. */
  async #serve(): Promise<void> {
    const connection = await connectNats(this.setting, 'commerce-ledger api');
    const transport = new CommandTransport(connection, this.#bridge);
    try {
      await new Promise<void>((resolve, reject) => {
        const listening = (error?: unknown) =>
          error === undefined ? resolve() : reject(natsUnavailable(this.setting, error));
        void transport.listen(listening);
      });
      await connection.flush();
      this.#isServing = true;
      const lost = await orAbort(connection.closed(), this.#stop.signal).catch(() => undefined);
      if (lost) throw natsUnavailable(this.setting, lost);
    } finally {
      this.#isServing = false;
      await transport.close();
    }
  }
}
