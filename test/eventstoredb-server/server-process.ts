import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** The test server in a process of its own, which forgets everything when it is stopped. */
export async function startServerProcess(): Promise<Readonly<{ url: string; stop: () => Promise<void> }>> {
  const child = fork(MAIN, {
    execArgv: ['--import', './scripts/typescript.mjs'],
    stdio: ['ignore', 'ignore', 2, 'ipc'],
  });
  const ended = once(child, 'close');
  const [{ url }] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('The test server ended before it listened'))),
  ])) as [{ url: string }];
  return {
    url,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
