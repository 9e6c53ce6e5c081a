import { statSync } from 'node:fs';

/** Which file it is, whatever path names it. Plain numbers, so that a thread can be told. */
export type FileIdentity = Readonly<{ device: number; inode: number }>;

/** @throws an error of node:fs where there is no such file */
export function identityOf(file: string): FileIdentity {
  const { dev, ino } = statSync(file);
  return { device: dev, inode: ino };
}

/**
 * What has become of a file that is open: `undefined` while `file` still names it. SQLite does not ask, and would go on
 * with a file that nothing else finds any more, gone when the last process has closed it. Takes some 2 µs.
 */
export function lossOf(file: string, { device, inode }: FileIdentity): 'moved' | 'replaced' | undefined {
  const now = statSync(file, { throwIfNoEntry: false });
  if (!now) return 'moved';
  return now.ino === inode && now.dev === device ? undefined : 'replaced';
}
