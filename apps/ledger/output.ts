import { SingleBar } from 'cli-progress';

/** Where a command writes: results to stdout, everything about the work itself to stderr. */
export interface Output {
  /** One line of result. */
  line(text: string): void;
  /** A result for programs: JSON on one line, `bigint` as a decimal string. */
  json(value: unknown): void;
  /** One line about the work: what goes on, what was left out. */
  note(text: string): void;
  /** Begins to show how far a piece of work is: a bar on a terminal, else a plain line now and then. */
  progress(what: string, total?: number): Progress;
}

/** `update` may be called as often as one likes. `finish` leaves the last state on the screen. */
export type Progress = Readonly<{ update: (done: number, remark?: string) => void; finish: () => void }>;

/** Without a terminal, a line this often. */
const PLAIN_EVERY_MS = 5_000;

/** Writes to the streams; `stderr.isTTY` decides between bar and lines. */
export function outputTo(stdout: NodeJS.WritableStream, stderr: NodeJS.WriteStream, now = Date.now): Output {
  return {
    line: (text) => void stdout.write(`${text}\n`),
    json: (value) => void stdout.write(`${toJson(value)}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    progress: (what, total) =>
      stderr.isTTY && total !== undefined ? bar(stderr, what, total) : lines(stderr, what, total, now),
  };
}

export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));

function bar(stream: NodeJS.WriteStream, what: string, total: number): Progress {
  const format = `${what} [{bar}] {percentage} %  {value}/{total}  {remark}`;
  const drawn = new SingleBar({ format, stream, hideCursor: true, fps: 10, barsize: 30 });
  drawn.start(total, 0, { remark: '' });
  return {
    update: (done, remark) => drawn.update(done, remark === undefined ? {} : { remark }),
    finish: () => drawn.stop(),
  };
}

function lines(stream: NodeJS.WriteStream, what: string, total: number | undefined, now: () => number): Progress {
  let latest: string | undefined;
  let printedAt = now();
  const print = () => {
    if (latest !== undefined) stream.write(`${latest}\n`);
    latest = undefined;
    printedAt = now();
  };
  return {
    update: (done, remark) => {
      const share = total ? ` of ${total} (${Math.floor((100 * done) / total)} %)` : '';
      latest = `${what}: ${done}${share}${remark ? ` ${remark}` : ''}`;
      if (now() - printedAt >= PLAIN_EVERY_MS) print();
    },
    finish: print,
  };
}
