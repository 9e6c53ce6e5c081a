import { type Logger, pino } from 'pino';
import type { LogLevel } from '../../src/infrastructure/config/log-level.js';
import type { FollowerLogger } from '../../src/infrastructure/follower/follower-logger.js';
import { logDestination } from '../../src/infrastructure/process/log-destination.js';

/** Followers' lines as the API's are: JSON, one to a line. A cause is logged as `err`, with its stack. */
export function projectorLogger(level: LogLevel): Logger {
  return pino({ level, base: { service: 'projector' } }, logDestination());
}

export function followerLogger(logger: Logger): FollowerLogger {
  return {
    info: (message) => logger.info(message),
    warn: (message, cause) => logger.warn({ err: cause }, message),
    error: (message, cause) => logger.error({ err: cause }, message),
  };
}
