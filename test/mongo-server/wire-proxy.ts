import { BSON } from 'mongodb';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** A command on its way to the server: `update` on `books@1.…`, say. `number` counts those of this proxy, from 1. */
export type Command = Readonly<{ name: string; collection: string; number: number }>;
/**
 * What becomes of a command.
 * `pass`        it goes on
 * `cut`         the connection ends, and the server has seen nothing of it
 * `cut-answer`  the server does it, and the connection ends in place of the answer
 * `swallow`     nothing is ever answered
 * an object     that is the answer, and the server has seen nothing of it
 */
export type Fate = 'pass' | 'cut' | 'cut-answer' | 'swallow' | Readonly<Record<string, unknown>>;

/** What a server says that is the primary no more: https://www.mongodb.com/docs/manual/reference/error-codes/ */
export const NOT_PRIMARY = { ok: 0, errmsg: 'not primary', code: 10_107, codeName: 'NotWritablePrimary' };

const HEADER_BYTES = 16;
const OP_MSG = 2_013;

/**
 * Stands between the driver and a server, and decides for every command what becomes of it. Handshakes and monitoring
 * pass. Wire protocol: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg
 */
export class WireProxy {
  /** Asked for every command, in the order they come; may take its time. */
  decide: (command: Command) => Fate | Promise<Fate> = () => 'pass';
  private commands = 0;
  private readonly sockets = new Set<Socket>();
  private refusing = false;

  private constructor(
    private readonly server: Server,
    private readonly target: Readonly<{ host: string; port: number }>,
  ) {}

  /** @param url of the server; of several hosts, the first */
  static async start(url: string): Promise<WireProxy> {
    const { host = '127.0.0.1', port = '27017' } =
      /^mongodb:\/\/(?:[^@]*@)?(?<host>[^/?:,]+):?(?<port>\d+)?/.exec(url)?.groups ?? {};
    const target = { host, port: Number(port) };
    const server = createServer({ noDelay: true });
    const proxy = new WireProxy(server, target);
    server.on('connection', (client) => proxy.join(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** The connection string `url`, of one server, with this in its place. */
  instead(url: string): string {
    const { port } = this.server.address() as AddressInfo;
    const { hosts, rest } = /^mongodb:\/\/(?:[^@]*@)?(?<hosts>[^/?]+)(?<rest>.*)$/s.exec(url)?.groups ?? {};
    if (hosts === undefined || rest === undefined) throw new Error('Only a mongodb:// URL can be proxied');
    const direct = rest.includes('?') ? `${rest}&` : `${rest.startsWith('/') ? rest : '/'}?`;
    return `${url.slice(0, url.length - rest.length - hosts.length)}127.0.0.1:${port}${direct}directConnection=true`;
  }

  /** As if the server were gone: connections end, and new ones do not come about. */
  disconnect(): void {
    this.refusing = true;
    for (const socket of this.sockets) socket.destroy();
  }

  reconnect(): void {
    this.refusing = false;
  }

  async close(): Promise<void> {
    this.disconnect();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    if (this.refusing) return void client.destroy();
    const upstream = connect({ ...this.target, noDelay: true });
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', end).on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    let answersPass = true;
    upstream.on('data', (data: Buffer) => (answersPass ? client.write(data) : end()));
    let handled = Promise.resolve();
    const handle = async (message: Buffer): Promise<void> => {
      const command = this.commandIn(message);
      const fate = command ? await this.decide(command) : 'pass';
      if (fate === 'cut') return end();
      if (fate === 'swallow') return;
      if (typeof fate === 'object') return void client.write(answerTo(message, fate));
      if (fate === 'cut-answer') answersPass = false;
      upstream.write(message);
    };
    let pending = Buffer.alloc(0);
    client.on('data', (data: Buffer) => {
      pending = Buffer.concat([pending, data]);
      while (pending.length >= 4 && pending.length >= pending.readInt32LE(0)) {
        const message = pending.subarray(0, pending.readInt32LE(0));
        pending = pending.subarray(message.length);
        handled = handled.then(() => handle(message));
      }
    });
  }

  private commandIn(message: Buffer): Command | undefined {
    if (message.readInt32LE(12) !== OP_MSG) return undefined;
    const body = message.subarray(HEADER_BYTES + 5); // flags, and the kind of the first section: the body
    const [name, collection] = Object.entries(BSON.deserialize(body.subarray(0, body.readInt32LE(0))))[0] ?? [];
    if (name === undefined || typeof collection !== 'string') return undefined;
    return { name, collection, number: ++this.commands };
  }
}

function answerTo(message: Buffer, answer: Readonly<Record<string, unknown>>): Buffer {
  const header = Buffer.alloc(HEADER_BYTES + 5);
  const body = BSON.serialize(answer);
  header.writeInt32LE(header.length + body.length, 0);
  header.writeInt32LE(message.readInt32LE(4), 8);
  header.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([header, body]);
}
