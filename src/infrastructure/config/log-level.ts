import type { LogLevel as NestLogLevel } from '@nestjs/common';

/** From the least talkative to the most; each level includes those before it. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const NEST: Readonly<Record<Exclude<LogLevel, 'silent'>, NestLogLevel>> = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  info: 'log',
  debug: 'debug',
  trace: 'verbose',
};

/** The levels that a Nest logger should print (its `logLevels`) for the setting `LOG_LEVEL`. */
export function nestLogLevels(level: LogLevel): NestLogLevel[] {
  const printed = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1);
  return printed.flatMap((name) => (name === 'silent' ? [] : [NEST[name]]));
}
