import { isExpected, isLasting, withCauses } from './expected-errors.js';

/** Exit code of a process that would fail in the same way if it were started again (EX_CONFIG of sysexits.h). */
export const EXIT_CANNOT_START = 78;

/** What a process tells its supervisor, over the channel of `child_process.fork`. */
export type ProcessMessage = Readonly<{ type: 'ready'; url?: string }> | Readonly<{ type: 'refused'; message: string }>;

/** What is wrong is outside the program, and starting again will not help. `message` is for the person at the keyboard. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/**
 * A process that is up.
 * `url`     where it answers, if it listens
 * `stop`    ends its work cleanly; called once
 */
export type RunningProcess = Readonly<{ url?: string; stop: () => Promise<void> }>;

/** A process that does not stop in this time ends itself. The supervisor waits a little longer before it kills. */
const STOP_TIMEOUT_MS = 9_000;

/**
 * Runs the process of an app: `start`, then up until it is told to stop, then `stop`.
 *
 * Under a supervisor (started with `fork`): says when it is ready, stops on SIGTERM and when the supervisor is gone
 * (also by kill -9: the channel closes), and leaves SIGINT and SIGHUP of the terminal to the supervisor.
 * Alone: stops on SIGINT, SIGTERM and SIGHUP; a second SIGINT ends it at once.
 *
 * Ends with code 0 after a stop, `EXIT_CANNOT_START` for errors that `cannotStart` knows, 1 for all others.
 * @param start `signal` aborts when a stop comes before it is up
 */
export async function runProcess(name: string, start: (signal: AbortSignal) => Promise<RunningProcess>): Promise<void> {
  const supervised = process.send !== undefined;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  listenForStop(supervised, stopping);
  outliveOutput();
  try {
    const running = await start(stopping.signal);
    tell({ type: 'ready', ...(running.url === undefined ? {} : { url: running.url }) });
    await stopped;
    endAnyway(name);
    await running.stop();
    process.exit(0);
  } catch (error) {
    if (stopping.signal.aborted && isAbort(error)) process.exit(0);
    const refusal = cannotStart(error);
    if (refusal === undefined) {
      process.stderr.write(`${name}: ${isExpected(error) ? withCauses(error) : stackOf(error)}\n`);
      process.exit(1);
    }
    if (supervised) await new Promise((resolve) => tell({ type: 'refused', message: refusal }, resolve));
    else process.stderr.write(`${name}: ${refusal}\n`);
    process.exit(EXIT_CANNOT_START);
  }
}

/** Plain words for an error that no restart mends; `undefined` for any other. */
export function cannotStart(error: unknown): string | undefined {
  if (isLasting(error)) return error.message;
  if (!(error instanceof Error)) return undefined;
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const where = `port ${port} on ${address}`;
  if (code === 'EADDRINUSE') {
    const other = `PORT=${(Number(port) % 65_535) + 1} npm start`;
    return `Another program, or another ledger, already listens on ${where}. Stop it, or choose another port: ${other}`;
  }
  if (code === 'EACCES' && port !== undefined) {
    return `This user may not listen on ${where}. Choose a port above 1023: PORT=3000 npm start`;
  }
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${address}. Set HOST to 127.0.0.1.`;
  return undefined;
}

function listenForStop(supervised: boolean, stopping: AbortController): void {
  const stop = () => stopping.abort();
  process.on('SIGTERM', stop);
  if (supervised) {
    const leaveToSupervisor = () => undefined;
    process.on('SIGINT', leaveToSupervisor);
    process.on('SIGHUP', leaveToSupervisor);
    process.on('disconnect', stop);
    if (!process.connected) stop();
    return;
  }
  process.on('SIGHUP', stop);
  process.on('SIGINT', () => {
    if (stopping.signal.aborted) process.exit(130);
    stop();
  });
}

/** A terminal or pipe that has gone away, or a full disk, must not end a process that has work to do. */
function outliveOutput(): void {
  const letGo = () => undefined;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', letGo);
}

function endAnyway(name: string): void {
  const timer = setTimeout(() => {
    process.stderr.write(`${name}: did not stop within ${STOP_TIMEOUT_MS / 1000} s\n`);
    process.exit(1);
  }, STOP_TIMEOUT_MS);
  timer.unref();
}

function tell(message: ProcessMessage, sent: (value?: unknown) => void = () => undefined): void {
  if (process.send && process.connected) process.send(message, undefined, undefined, sent);
  else sent();
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : `Thrown: ${String(error)}`;

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
