/** npm passes a signal on that the terminal has already sent to every process, so two within this time are one. */
const SAME_INTERRUPT_MS = 300;

/** A signal asked the command to stop. `exitCode` is what a shell expects then: 128 and the signal's number. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(readonly signal: InterruptSignal) {
    super(`Interrupted by ${signal}`);
  }

  get exitCode(): number {
    return { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[this.signal];
  }
}

export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
export type Interrupts = Readonly<{ first: (signal: InterruptSignal) => void; again: () => void }>;

/**
 * Calls `first` at Ctrl-C, at a request to end, and when the terminal goes away; calls `again` for each one after.
 * Without a terminal SIGHUP is left as it was found, so that `nohup` works.
 * @returns stops listening
 */
export function listenForInterrupts({ first, again }: Interrupts, clock = () => performance.now()): () => void {
  let latestAt = -Infinity;
  const listener = (signal: NodeJS.Signals) => {
    const now = clock();
    const same = now - latestAt < SAME_INTERRUPT_MS;
    if (latestAt === -Infinity) first(signal as InterruptSignal);
    else if (!same) again();
    latestAt = now;
  };
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const signals: InterruptSignal[] = onTerminal ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.on(signal, listener);
  return () => signals.forEach((signal) => process.off(signal, listener));
}
