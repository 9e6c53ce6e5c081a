import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { SnapshotUnusable, type Snapshot, type StoredSnapshot } from '../../application/ports/snapshot-store.js';

/** What the file begins with: whose it is, and its format. */
const MAGIC = Buffer.from('CLsnap1\n');
/** Parts: a byte that says what it is, the length of what follows in four, then that. `END` holds the SHA-256 of all before. */
const HEADER = 1;
const STATE = 2;
const COMMANDS = 3;
const END = 4;
const PREFIX_BYTES = 5;
/** Commands are cut to this, so that no part takes long. */
const COMMANDS_BYTES = 1_200_000;
const DIGEST_BYTES = 32;

/** As JSON. `log` is `EventStore.identity`; `bytes` the order in which this machine has those of a number. */
export type SnapshotHeader = Readonly<{
  log: string;
  stream: string;
  version: number;
  revision: string;
  position: string;
  id: string;
  recordedAt: string;
  bytes: string;
}>;

/** The file's contents, a piece at a time. */
export function* encoded(snapshot: Snapshot, log: string): Iterable<Buffer> {
  const digest = createHash('sha256');
  const hashed = (piece: Buffer): Buffer => {
    digest.update(piece);
    return piece;
  };
  const { stream, version, head, state, commands } = snapshot;
  const { id, recordedAt } = head;
  const [revision, position] = [head.revision.toString(), head.position.toString()];
  const header: SnapshotHeader = { log, stream, version, revision, position, id, recordedAt, bytes: endianness() };
  yield hashed(MAGIC);
  yield hashed(part(HEADER, Buffer.from(JSON.stringify(header))));
  for (const piece of state) yield hashed(part(STATE, Buffer.from(JSON.stringify(piece))));
  const words = Buffer.from(commands.buffer, commands.byteOffset, commands.byteLength);
  for (let at = 0; at < words.length; at += COMMANDS_BYTES) {
    yield hashed(part(COMMANDS, words.subarray(at, at + COMMANDS_BYTES)));
  }
  yield part(END, digest.digest());
}

function part(kind: number, payload: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(kind);
  prefix.writeUInt32LE(payload.length, 1);
  return Buffer.concat([prefix, payload]);
}

/** Reads a file that `encoded` made; asks for a part at a time. */
export class SnapshotFile {
  #at = 0;
  readonly #digest = createHash('sha256');

  private constructor(
    private readonly file: FileHandle,
    private readonly size: number,
  ) {}

  static async of(file: FileHandle): Promise<SnapshotFile> {
    return new SnapshotFile(file, (await file.stat()).size);
  }

  /** What comes first. @throws SnapshotUnusable */
  async header(): Promise<SnapshotHeader> {
    if (this.size < MAGIC.length || !(await this.#take(MAGIC.length)).equals(MAGIC)) {
      throw new SnapshotUnusable('it is no snapshot of this format');
    }
    const { kind, payload } = await this.#part();
    const header = kind === HEADER ? (parsed(payload) as SnapshotHeader) : undefined;
    if (!header) throw new SnapshotUnusable('it is damaged: it has no header');
    if (header.bytes !== endianness()) throw new SnapshotUnusable('it is of a machine of another kind');
    return header;
  }

  /** All that follows the header. @throws SnapshotUnusable  a byte of the whole is not as it was written */
  async rest({ stream, version, revision, position, id, recordedAt }: SnapshotHeader): Promise<StoredSnapshot> {
    const state: unknown[] = [];
    const words: Buffer[] = [];
    for (;;) {
      const { kind, payload } = await this.#part();
      if (kind === STATE) state.push(parsed(payload));
      else if (kind === COMMANDS) words.push(payload);
      else if (kind === END) break;
      else throw new SnapshotUnusable(`it is damaged: it has a part ${kind}`);
    }
    const bytes = Buffer.concat(words);
    const commands = new Uint32Array(bytes.length / Uint32Array.BYTES_PER_ELEMENT);
    bytes.copy(Buffer.from(commands.buffer));
    const head = { revision: BigInt(revision), position: BigInt(position), id, recordedAt };
    return { stream, version, head, state, commands };
  }

  /** The next part; of the last, that it is the last, and says what the others hash to. */
  async #part(): Promise<Readonly<{ kind: number; payload: Buffer }>> {
    const prefix = await this.#take(PREFIX_BYTES, false);
    const kind = prefix.readUInt8();
    const length = prefix.readUInt32LE(1);
    if (kind !== END) {
      this.#digest.update(prefix);
      return { kind, payload: await this.#take(length) };
    }
    const payload = await this.#take(length, false);
    if (length === DIGEST_BYTES && this.#at === this.size && payload.equals(this.#digest.digest())) {
      return { kind, payload };
    }
    throw new SnapshotUnusable('it is damaged: it is not what was written');
  }

  async #take(length: number, hashed = true): Promise<Buffer> {
    if (length > this.size - this.#at) throw new SnapshotUnusable('it is damaged: it ends too early');
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await this.file.read(buffer, 0, length, this.#at);
    if (bytesRead < length) throw new SnapshotUnusable('it is damaged: it ends too early');
    this.#at += length;
    if (hashed) this.#digest.update(buffer);
    return buffer;
  }
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch (cause) {
    throw new SnapshotUnusable('it is damaged: a part of it is no JSON', { cause });
  }
}
