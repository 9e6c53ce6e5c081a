import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import monitoringGrpc from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import monitoringPb from '@eventstore/db-client/generated/monitoring_pb.js';
import type { StatsResp as MonitoringStats } from '@eventstore/db-client/generated/monitoring_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { AppendCall } from './append-call.js';
import { arriving, NEVER } from './arriving.js';
import type { EventStoreDbSettings } from './connection-string.js';
import { Connection } from './connection.js';
import { refusesToTell, translated } from './errors.js';
import { IDENTITY_STREAM } from './log-identity.js';
import { backwardRequest, streamRequest } from './requests.js';
import { appendRequest } from './stored-event.js';

/** A node of the cluster as its gossip has it. */
export type Member = Readonly<{ name: string; leads: boolean; isAlive: boolean }>;

/**
 * `tookMs`   for a call on a connection that was there
 * `aheadMs`  how far the server's clock is ahead of this machine's, known to within `exactMs`; absent where it is not told
 */
export type ServerHello = Readonly<{ version: string; tookMs: number; aheadMs?: number; exactMs: number }>;

/** No stream gets this far, so an append after it is always refused, but not before the rights of the user were looked at. */
const NEVER_REACHED = BigInt(Number.MAX_SAFE_INTEGER);
const STATISTICS = 'Asking for its statistics failed';
/** Of an append that is not data. */
const FRAME_BYTES = 1_024;

/** Asks a server what it is and what its user may do, and leaves nothing behind. */
export class ServerProbe {
  readonly #connection: Connection;

  /** @throws MalformedEventStoreUrl a file of certificates cannot be read */
  constructor(
    settings: EventStoreDbSettings,
    private readonly deadlineMs: number,
  ) {
    this.#connection = Connection.to(settings);
  }

  /** Asked twice, so that making the connection does not count. @throws StoreUnavailable */
  async hello(): Promise<ServerHello> {
    await this.#features();
    const askedAt = Date.now();
    const { version, date } = await this.#features();
    const tookMs = Date.now() - askedAt;
    // Of whole seconds, and servers keep the text for up to another.
    const exactMs = 1_000 + Math.ceil(tookMs / 2);
    if (date === undefined) return { version, tookMs, exactMs };
    return { version, tookMs, exactMs, aheadMs: Math.round(Date.parse(date) + 1_000 - (askedAt + tookMs / 2)) };
  }

  /** @throws StoreUnavailable */
  async members(): Promise<readonly Member[]> {
    const { LEADER } = gossipPb.MemberInfo.VNodeState;
    const info = await this.#calling('Asking for the leader failed', () =>
      this.#connection.call(
        gossipGrpc.GossipClient,
        (client, metadata, options) =>
          new Promise<gossipPb.ClusterInfo>((resolve, reject) => {
            client.read(new sharedPb.Empty(), metadata, options, (error, answer) =>
              error ? reject(error) : resolve(answer),
            );
          }),
        this.deadlineMs,
      ),
    );
    return info.getMembersList().map((member) => ({
      name: `${member.getHttpEndPoint()?.getAddress()}:${member.getHttpEndPoint()?.getPort()}`,
      leads: member.getState() === LEADER,
      isAlive: member.getIsAlive(),
    }));
  }

  /**
   * The disk that the server's data is on, in bytes; `undefined` where the server does not tell this user.
   * Its statistics name it by the mount point: `sys-drive-/var/lib-availableBytes`. @throws StoreUnavailable
   */
  async disk(): Promise<Readonly<{ freeBytes: number; totalBytes: number }> | undefined> {
    const stats = await this.#stats();
    const bytes = (what: string): number => {
      const [, text] = stats?.find(([name]) => name.startsWith('sys-drive-') && name.endsWith(`-${what}`)) ?? [];
      return text === undefined ? NaN : Number(text);
    };
    const [freeBytes, totalBytes] = [bytes('availableBytes'), bytes('totalBytes')];
    return Number.isFinite(freeBytes) && Number.isFinite(totalBytes) ? { freeBytes, totalBytes } : undefined;
  }

  /** Reads the newest event that is not the server's own. @throws StoreUnavailable */
  async readAll(): Promise<void> {
    await this.#readsEvent('Reading $all failed', backwardRequest('end', 1));
  }

  /** Whether a ledger was ever opened there to write. @throws StoreUnavailable */
  async hasLedger(): Promise<boolean> {
    return this.#readsEvent('Looking for the ledger failed', streamRequest(IDENTITY_STREAM, 0n, 'forward', 1));
  }

  /** Whether an append of so many bytes would have been taken. @throws StoreUnavailable, InvalidAppend */
  async append(bytes: number): Promise<boolean> {
    const json = JSON.stringify('x'.repeat(Math.max(0, bytes - FRAME_BYTES)));
    const texts = { commandId: '', commandHash: '', correlationId: '', causationId: '', principal: 'doctor' };
    const event = {
      id: '00000000-0000-4000-8000-000000000000',
      type: 'NeverWritten',
      stored: { schemaVersion: 1, json },
      metadata: { ...texts, occurredAt: '2000-01-01T00:00:00.000Z' },
    };
    const request = appendRequest('doctor-probe', NEVER_REACHED, [event], '2000-01-01T00:00:00.000Z');
    const answer = await this.#calling('An append that leaves nothing failed', async () => {
      const call = new AppendCall(await this.#connection.batchAppend(this.deadlineMs));
      return call.append(request, this.deadlineMs).finally(() => call.retire());
    });
    return answer === 'conflict';
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #readsEvent(what: string, request: ReadReq): Promise<boolean> {
    return this.#calling(what, async () => {
      const call = await this.#connection.read(request, this.deadlineMs);
      for await (const messages of arriving(call, NEVER, () => this.deadlineMs)) {
        if (messages.some((message) => message.hasEvent())) return true;
      }
      return false;
    });
  }

  async #features(): Promise<{ version: string; date: string | undefined }> {
    return this.#calling('EventStoreDB does not answer', () =>
      this.#connection.call(
        featuresGrpc.ServerFeaturesClient,
        (client, metadata, options) =>
          new Promise((resolve, reject) => {
            let date: string | undefined;
            const call = client.getSupportedMethods(new sharedPb.Empty(), metadata, options, (error, answer) =>
              error ? reject(error) : resolve({ version: answer.getEventStoreServerVersion(), date }),
            );
            call.on('metadata', (headers) => (date = headers.get('date')[0]?.toString()));
          }),
        this.deadlineMs,
      ),
    );
  }

  async #stats(): Promise<readonly (readonly [string, string])[] | undefined> {
    const request = new monitoringPb.StatsReq().setRefreshTimePeriodInMs('10000');
    return this.#connection.call(
      monitoringGrpc.MonitoringClient,
      (client, metadata, options) =>
        new Promise((resolve, reject) => {
          const call = client.stats(request, metadata, options);
          call.once('data', (answer: MonitoringStats) => {
            resolve(answer.getStatsMap().toArray());
            call.cancel(); // it would go on
          });
          call.on('end', () => resolve(undefined));
          call.on('error', (cause) =>
            refusesToTell(cause) ? resolve(undefined) : reject(translated(cause, STATISTICS)),
          );
        }),
      this.deadlineMs,
    );
  }

  async #calling<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      throw translated(cause, what);
    }
  }
}
