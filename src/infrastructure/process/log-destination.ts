import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

const STANDARD_OUTPUT = 1;
/** Lines that cannot be written yet wait; beyond so many characters, new ones are let go. */
const WAITING_AT_MOST = 1_048_576;
/** While a pipe is full because its reader is slow. */
const TRY_AGAIN_MS = 100;

/**
 * Standard output for log lines: in their order, beside the work, and what waits is written when the process ends. A line that
 * cannot be written ends nothing and holds nothing up: it is tried again with the next one. (pino's own destination ends the
 * process on a full disk, or tries for ever when it stops.)
 */
class LogOutput implements DestinationStream {
  #lines: string[] = [];
  #characters = 0;
  #isWriting = false;
  /** Of what was tried before: the part that was not written. */
  #rest: Buffer = Buffer.alloc(0);

  write(line: string): void {
    if (this.#rest.length + this.#characters + line.length <= WAITING_AT_MOST) {
      this.#lines.push(line);
      this.#characters += line.length;
    }
    this.#next();
  }

  /** What waits, as far as it can be written at once. */
  flush(): void {
    if (!this.#isWaiting) return;
    const bytes = this.#take();
    try {
      this.#rest = bytes.subarray(writeSync(STANDARD_OUTPUT, bytes));
    } catch {
      this.#rest = bytes;
    }
  }

  #next(): void {
    if (this.#isWriting || !this.#isWaiting) return;
    this.#isWriting = true;
    const bytes = this.#take();
    write(STANDARD_OUTPUT, bytes, (error, written) => {
      this.#isWriting = false;
      this.#rest = error ? bytes : bytes.subarray(written);
      if (!error) this.#next();
      else if (error.code === 'EAGAIN') setTimeout(() => this.#next(), TRY_AGAIN_MS).unref();
    });
  }

  get #isWaiting(): boolean {
    return this.#rest.length > 0 || this.#lines.length > 0;
  }

  #take(): Buffer {
    const bytes = Buffer.concat([this.#rest, Buffer.from(this.#lines.join(''))]);
    this.#rest = Buffer.alloc(0);
    this.#lines = [];
    this.#characters = 0;
    return bytes;
  }
}

let output: LogOutput | undefined;

/** One for the process, as its standard output is. */
export function logDestination(): DestinationStream {
  if (output) return output;
  const made = new LogOutput();
  process.once('exit', () => made.flush());
  return (output = made);
}
