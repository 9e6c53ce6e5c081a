import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { statfsSync } from 'node:fs';

/** Names of the file systems that a log is likely to lie on, by the kernel's magic number (`man 2 statfs`). */
const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlayfs'],
  [0x2fc12fc1, 'zfs'],
]);

/** One line that says what a figure was measured on. `folder` is where the data lay. */
export function machine(folder: string): string {
  const magic = statfsSync(folder).type;
  return [
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`,
    `${(totalmem() / 2 ** 30).toFixed(0)} GB`,
    `${type()} ${release()}`,
    `Node ${process.version}`,
    `${FILE_SYSTEMS.get(magic) ?? `file system ${magic.toString(16)}`}`,
  ].join(', ');
}
