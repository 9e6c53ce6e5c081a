import { CommandFailed } from './command.js';
import { Interrupted } from './interrupts.js';

/** What a failed command leaves behind. `details` (a stack) is there for defects only. */
export type Explanation = Readonly<{ message: string; exitCode: number; details?: string }>;

/** Errors of the ports and of the settings: their messages are written for the person at the keyboard. */
const EXPECTED: ReadonlySet<string> = new Set([
  'ConfigError',
  'DataFolderUnusable',
  'CannotStart',
  'StoreUnavailable',
  'UnsupportedLogFormat',
  'ViewStoreUnavailable',
  'ViewMismatch',
  'LeaseLost',
  'UnknownEventType',
  'CorruptEvent',
  'ConcurrencyConflict',
]);

/** Puts what went wrong into words, and into an exit code: 1 failed, 2 wrong usage, 129 to 143 interrupted. */
export function explainError(error: unknown): Explanation {
  if (error instanceof CommandFailed) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof Interrupted) return { message: 'Stopped before the end.', exitCode: error.exitCode };
  if (!(error instanceof Error)) return { message: `Unexpected error: ${String(error)}`, exitCode: 1 };
  if (EXPECTED.has(error.name)) return { message: withCauses(error), exitCode: 1 };
  const message = `Unexpected error, a defect of the program: ${error.message}`;
  return { message, exitCode: 1, ...(error.stack === undefined ? {} : { details: error.stack }) };
}

/** The message, and those of its causes that say something new. */
function withCauses(error: Error): string {
  let text = error.message;
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    const { message } = cause;
    if (!text.includes(message)) text += `: ${message}`;
  }
  return text;
}
