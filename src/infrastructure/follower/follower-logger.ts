/** Where followers say what happens to them, one line each; `cause` is for the operator, never for a client. */
export interface FollowerLogger {
  info(message: string): void;
  warn(message: string, cause?: unknown): void;
  error(message: string, cause?: unknown): void;
}
