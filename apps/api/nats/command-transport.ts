import { NatsContext, ServerNats } from '@nestjs/microservices';
import { headers as natsHeaders, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { CommandAnswer, CommandBridge, Fields } from './command-bridge.js';
import { COMMAND_QUEUE, COMMAND_SUBJECTS } from './command-subjects.js';

/** What Nest hands on of a message. Without an `id` it would take it for an event, which is not answered. */
const incoming = { deserialize: ({ data }: Msg) => ({ pattern: COMMAND_SUBJECTS, data, id: 'request' }) };
/** What Nest answers with, without the envelope that only its own clients know. */
const outgoing = {
  serialize: ({ response }: { response: CommandAnswer }) => {
    const headers = natsHeaders();
    headers.set('Ledger-Status', String(response.status));
    for (const [name, value] of Object.entries(response.headers)) headers.set(name, value);
    return { data: response.body, headers };
  },
};

/** Nest's NATS transport on one connection: requests to the commands' subjects, each answered with a plain JSON body. */
export class CommandTransport extends ServerNats {
  #subscription: Subscription | undefined;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly connection: NatsConnection,
    bridge: CommandBridge,
  ) {
    super({ queue: COMMAND_QUEUE, deserializer: incoming, serializer: outgoing as never });
    this.addHandler(COMMAND_SUBJECTS, async (payload: Uint8Array, context: NatsContext) => {
      const fields = fieldsOf(context.getHeaders() as Msg['headers']);
      const answering = bridge.answer(context.getSubject(), payload, fields);
      this.#underWay.add(answering);
      return answering.finally(() => this.#underWay.delete(answering));
    });
  }

  override createNatsClient(): Promise<NatsConnection> {
    return Promise.resolve(this.connection);
  }

  override bindEvents(client: NatsConnection): void {
    const callback = this.getMessageHandler(COMMAND_SUBJECTS) as (error: Error | null, message: Msg) => void;
    this.#subscription = client.subscribe(COMMAND_SUBJECTS, { queue: COMMAND_QUEUE, callback });
  }

  /** Takes nothing new, answers what it has taken, and closes the connection. */
  override async close(): Promise<void> {
    if (!this.connection.isClosed()) {
      await this.#subscription?.drain();
      await Promise.allSettled(this.#underWay);
      await new Promise(setImmediate); // Nest sends an answer a tick after it has it
      if (!this.connection.isClosed()) await this.connection.flush();
    }
    await super.close();
  }
}

const fieldsOf = (headers: Msg['headers']): Fields =>
  Object.fromEntries((headers?.keys() ?? []).map((name) => [name, headers?.values(name) ?? []]));
