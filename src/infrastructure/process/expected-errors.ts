/** Nothing that starting again would mend. */
const LASTING: readonly string[] = [
  'ConfigError',
  'DataFolderUnusable',
  'CannotStart',
  'IncompatibleLog',
  'IncompatibleViews',
  'IncompatibleKeyFile',
  'MasterKeyMismatch',
  'MasterKeyUnreadable',
  'IncompatibleSandbox',
  'ViewMismatch',
  'ViewOfAnotherLog',
  'LogFallsShort',
  'LogLost',
];
/** May be over the next time. */
const PASSING: readonly string[] = [
  'StoreUnavailable',
  'ViewStoreUnavailable',
  'KeyStoreUnavailable',
  'SandboxUnavailable',
  'NatsUnavailable',
  'LeaseLost',
  'ViewWentBack',
  'ConcurrencyConflict',
];
/** The log holds what this build cannot read. */
const UNREADABLE: readonly string[] = ['UnknownEventType', 'CorruptEvent'];

/** Errors whose message is written for the person at the keyboard; any other is a defect and shows its stack. */
export const isExpected = (error: unknown): error is Error =>
  error instanceof Error && [...LASTING, ...PASSING, ...UNREADABLE].includes(error.name);

/** An error that would come again if the program were started again as it is. */
export const isLasting = (error: unknown): error is Error => error instanceof Error && LASTING.includes(error.name);

/** The error's message, and those of its causes that say something new. */
export function withCauses(error: Error): string {
  let text = error.message;
  for (let { cause } = error; cause instanceof Error; { cause } = cause) {
    if (!text.includes(cause.message)) text += `: ${cause.message}`;
  }
  return text;
}
