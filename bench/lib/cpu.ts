import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Processor time of all threads of a process so far; Linux only, 0 elsewhere. proc(5): fields 14 and 15, in ticks of 10 ms. */
export async function cpuSeconds({ pid }: ChildProcess): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
