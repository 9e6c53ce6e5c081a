/** The `code` of an error of Node's (`ENOENT`, `Z_BUF_ERROR`), if it has one. */
export const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
