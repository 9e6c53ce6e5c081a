import { Server, ServerCredentials, type Metadata, type ServerWritableStream } from '@grpc/grpc-js';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import monitoringGrpc from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import monitoringPb from '@eventstore/db-client/generated/monitoring_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { EventLog } from './event-log.js';
import { Faults } from './faults.js';
import { StreamsService, type Node } from './streams-service.js';
import { REFUSALS } from './wire.js';

/**
 * `log`         what it serves; several servers on one log are the nodes of a cluster
 * `port`        20000 and above; a free one when absent. Kept when it is stopped and started again
 * `leader`      the leading node, asked at every call; this one when absent
 * `members`     what gossip tells, asked at every call; this one alone when absent
 * `tls`         key and certificate (PEM), and whom it admits; without it, it is insecure and admits all
 * `disk`        what its statistics say of the disk, in bytes
 * `version`     what it says it is; up to 25.0 it takes made-up positions
 */
export type ServerOptions = Readonly<{
  log?: EventLog;
  port?: number;
  leader?: () => EventStoreDbTestServer;
  members?: () => readonly Readonly<{ server: EventStoreDbTestServer; state: 'leader' | 'follower'; alive: boolean }>[];
  tls?: Readonly<{ key: Buffer; certificate: Buffer; authorization: string | undefined }>;
  disk?: Readonly<{ available: number; total: number }>;
  version?: string;
}>;

/** A server that speaks EventStoreDB's gRPC protocol, for tests: its rules are in README.md. Never a store for users. */
export class EventStoreDbTestServer {
  readonly log: EventLog;
  readonly faults = new Faults();
  #port: number;
  #server: Server | undefined;
  readonly #options: ServerOptions;

  constructor(options: ServerOptions = {}) {
    this.#options = options;
    this.log = options.log ?? new EventLog();
    this.#port = options.port ?? 0;
  }

  get port(): number {
    return this.#port;
  }

  /** `esdb://…` of this node. */
  url(parameters = ''): string {
    return `esdb://127.0.0.1:${this.#port}?tls=${this.#options.tls !== undefined}${parameters}`;
  }

  async start(): Promise<this> {
    const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
    server.addService(streamsGrpc.StreamsService, { ...new StreamsService(this.#node()) });
    server.addService(gossipGrpc.GossipService, {
      read: (_: unknown, callback: (error: object | null, info?: unknown) => void) => {
        void this.faults.next('gossip').then(({ before }) => {
          if (before === 'refuse') callback(REFUSALS.unavailable());
          else if (before !== 'hang') callback(null, this.#clusterInfo());
        });
      },
    });
    server.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (_: unknown, callback: (error: object | null, methods?: unknown) => void) => {
        void this.faults.next('supportedMethods').then(({ before }) => {
          if (before === 'refuse') callback(REFUSALS.unavailable());
          else if (before !== 'hang') callback(null, supportedMethods(this.#options.version ?? '24.10.4'));
        });
      },
    });
    server.addService(monitoringGrpc.MonitoringService, {
      stats: (call: ServerWritableStream<unknown, unknown>) => {
        if (!this.#node().admits(call.metadata)) return void call.emit('error', REFUSALS.accessDenied());
        call.write(statistics(this.#options.disk ?? { available: 50e9, total: 100e9 })); // and goes on
      },
    });
    this.#server = server;
    this.#port = await bound(server, this.#port, this.#options.tls);
    return this;
  }

  /** Closes all sockets at once, as a killed process would. What was written stays written. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  #node(): Node {
    const { leader, tls, version = '24.10.4' } = this.#options;
    return {
      log: this.log,
      faults: this.faults,
      die: () => this.stop(),
      takesInvalidPositions: Number.parseFloat(version) < 25.1,
      leaderElsewhere: () => {
        const leading = leader?.() ?? this;
        return leading === this ? undefined : { host: '127.0.0.1', port: leading.port };
      },
      admits: (metadata: Metadata) =>
        tls?.authorization === undefined || metadata.get('authorization')[0] === tls.authorization,
    };
  }

  #clusterInfo() {
    const members = this.#options.members?.() ?? [{ server: this, state: 'leader', alive: true } as const];
    const { VNodeState } = gossipPb.MemberInfo;
    const infos = members.map(({ server, state, alive }) => {
      const id = new sharedPb.UUID();
      id.setString(crypto.randomUUID());
      const info = new gossipPb.MemberInfo().setInstanceId(id).setTimeStamp('0').setIsAlive(alive);
      info.setState(state === 'leader' ? VNodeState.LEADER : VNodeState.FOLLOWER);
      return info.setHttpEndPoint(new gossipPb.EndPoint().setAddress('127.0.0.1').setPort(server.port));
    });
    return new gossipPb.ClusterInfo().setMembersList(infos);
  }
}

function bound(server: Server, port: number, tls: ServerOptions['tls']): Promise<number> {
  const credentials = tls
    ? ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }])
    : ServerCredentials.createInsecure();
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
}

function statistics({ available, total }: Readonly<{ available: number; total: number }>) {
  const answer = new monitoringPb.StatsResp();
  const drive = 'sys-drive-/var/lib/eventstore';
  answer.getStatsMap().set(`${drive}-availableBytes`, String(available)).set(`${drive}-totalBytes`, String(total));
  answer
    .getStatsMap()
    .set(`${drive}-usedBytes`, String(total - available))
    .set('proc-mem', '1');
  return answer;
}

/** That it lists BatchAppend makes the client use it wherever it is not kept from it. */
function supportedMethods(version: string) {
  const methods = ['Read', 'Append', 'BatchAppend', 'Delete', 'Tombstone'].map((name) =>
    new featuresPb.SupportedMethod()
      .setServiceName('event_store.client.streams.streams')
      .setMethodName(name.toLowerCase())
      .setFeaturesList(['stream', 'all']),
  );
  return new featuresPb.SupportedMethods().setMethodsList(methods).setEventStoreServerVersion(version);
}
