import { isExpected, isLasting, withCauses } from '../../src/infrastructure/process/expected-errors.js';
import { CommandFailed } from './command.js';
import { Interrupted } from './interrupts.js';

/** What a failed command leaves behind. `details` (a stack) is there for defects only. */
export type Explanation = Readonly<{ message: string; exitCode: number; details?: string }>;

/** Puts what went wrong into words, and into an exit code: 1 failed, 2 wrong usage, 129 to 143 interrupted. */
export function explainError(error: unknown): Explanation {
  if (error instanceof CommandFailed) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof Interrupted) return { message: 'Stopped before the end.', exitCode: error.exitCode };
  if (isLasting(error)) return { message: error.message, exitCode: 1 };
  if (isExpected(error)) return { message: withCauses(error), exitCode: 1 };
  if (!(error instanceof Error)) return { message: `Unexpected error: ${String(error)}`, exitCode: 1 };
  const message = `Unexpected error, a defect of the program: ${error.message}`;
  return { message, exitCode: 1, ...(error.stack === undefined ? {} : { details: error.stack }) };
}
