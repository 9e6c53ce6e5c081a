import { EventStoreDBClient } from '@eventstore/db-client';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type {
  CallOptions,
  ChannelCredentials,
  Client,
  ClientDuplexStream,
  ClientOptions,
  Metadata,
} from '@grpc/grpc-js';
import type { BatchAppendReq, BatchAppendResp, ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { StoreUnavailable } from '../../../application/ports/event-store.js';
import { settlesWithin } from '../../waiting.js';
import { certificatesOf, type EventStoreDbSettings } from './connection-string.js';
import { NoAnswer } from './errors.js';

/** A read or a subscription under way. */
export type ReadCall = Awaited<ReturnType<Connection['read']>>;

/** A call that takes appends until it ends. */
export type BatchAppendCall = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

const CLOSE_MS = 1_000;

/**
 * The client's connection (discovery, credentials, TLS, keepalive, going to another node when one is gone), with calls of
 * our own on it. Its calls are not used, because of what they do (docs/adr/0012): appends share one stream and one table
 * of promises with every client of the process and wait without end; checkpoints overtake the events before them.
 * Every call asks the leader: other nodes may be behind.
 */
export class Connection extends EventStoreDBClient {
  /** The newest, be it there or still looked for. */
  #channel: ReturnType<EventStoreDBClient['getChannel']> | undefined;
  /** No node has to be found first. */
  #connected = false;
  #closed = false;

  /**
   * Looks for a node once per call, and waits a second for each that is asked, unless the URL says otherwise: whoever
   * calls tries again as long as he may. As the client has it, it would go on for minutes after its caller had left.
   * @throws MalformedEventStoreUrl a file of certificates cannot be read
   */
  static to(settings: EventStoreDbSettings): Connection {
    const { hosts, discover, tls, credentials, numbers, connectionName } = settings;
    const { defaultDeadline: _, ...options } = numbers;
    const named = {
      maxDiscoverAttempts: 1,
      gossipTimeout: 1,
      ...options,
      ...(connectionName !== undefined && { connectionName }),
    };
    const [first] = hosts;
    if (!first) throw new Error('A connection needs a host');
    const channel = { insecure: !tls, ...certificatesOf(settings) };
    let connection: Connection;
    if (discover) connection = new Connection({ ...named, discover: first }, channel, credentials);
    else if (hosts.length > 1) connection = new Connection({ ...named, endpoints: [...hosts] }, channel, credentials);
    else connection = new Connection({ ...named, endpoint: first }, channel, credentials);
    connection.#watch();
    return connection;
  }

  #watch(): void {
    const connect = this.getChannel;
    this.getChannel = () =>
      this.#closed ? Promise.reject(new StoreUnavailable('The log is closed')) : (this.#channel = connect());
    const reconnect = this.handleError;
    // Nobody awaits it, and it rejects when no node is found, which would end the process: the next call will see.
    this.handleError = async (client, error) => {
      this.#connected = false;
      await Promise.allSettled([reconnect(client, error)]);
      this.#connected = false;
    };
  }

  /** A call without a deadline, that takes appends until it ends. */
  async batchAppend(connectWithinMs: number): Promise<BatchAppendCall> {
    await this.#connect(connectWithinMs);
    const [metadata, options] = this.callArguments({ requiresLeader: true }, { deadline: Infinity });
    const open = this.GRPCStreamCreator(streamsGrpc.StreamsClient, 'batchAppend', (client) =>
      client.batchAppend(metadata, options),
    );
    return open();
  }

  /** A call without a deadline, for whoever reads it watches over it. */
  async read(request: ReadReq, connectWithinMs: number) {
    await this.#connect(connectWithinMs);
    const [metadata, options] = this.callArguments({ requiresLeader: true }, { deadline: Infinity });
    const open = this.GRPCStreamCreator(streamsGrpc.StreamsClient, 'read', (client) =>
      client.read(request, metadata, options),
    );
    return open();
  }

  /** A call to another of the server's services, at whichever node. */
  async call<C extends Client, T>(
    service: new (address: string, credentials: ChannelCredentials, options?: Partial<ClientOptions>) => C,
    action: (client: C, metadata: Metadata, options: CallOptions) => Promise<T>,
    deadlineMs: number,
  ): Promise<T> {
    await this.#connect(deadlineMs);
    const [metadata, options] = this.callArguments({ deadline: deadlineMs });
    return this.execute(service, service.name, (client) => action(client, metadata, options));
  }

  /** Ends all calls and lets go of the sockets, also of a node that is found later. */
  async close(): Promise<void> {
    this.#closed = true;
    await settlesWithin(this.dispose(), CLOSE_MS);
    const closing = this.#channel?.then(
      (channel) => channel.close(),
      () => undefined,
    );
    if (closing) await settlesWithin(closing, 0);
  }

  /** Finding a node may take the client minutes. */
  async #connect(withinMs: number): Promise<void> {
    if (this.#connected) return;
    const found = this.getChannel();
    if (!(await settlesWithin(found, withinMs))) throw new NoAnswer(`No leader was found within ${withinMs} ms`);
    await found;
    if (this.#closed) throw new StoreUnavailable('The log is closed');
    this.#connected = true;
  }
}
