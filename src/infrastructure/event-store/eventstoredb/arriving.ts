import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadCall } from './connection.js';
import { NoAnswer } from './errors.js';

/** For what nobody stops. */
export const NEVER = new AbortController().signal;

/** As many messages as are taken off a call before whoever reads them gets his turn. */
const MOST = 256;

/**
 * The messages of a call in the order they came in, as many together as are there; ends with the call or when `stop`
 * aborts. Everything that came before a failure is given before it is thrown. The call is cancelled when the reader
 * leaves. A reader that takes his time holds the server up, not his memory.
 * @throws NoAnswer nothing came for `patienceMs` while it was waited for (asked before every wait)
 */
export async function* arriving(
  call: ReadCall,
  stop: AbortSignal,
  patienceMs: () => number,
): AsyncGenerator<readonly ReadResp[]> {
  let over = false;
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const sign = (): void => wake();
  const end = (): void => {
    over = true;
    wake();
  };
  const fail = (error: Error): void => {
    failure = error;
    wake();
  };
  call.on('readable', sign).on('end', end).on('error', fail);
  stop.addEventListener('abort', sign);
  try {
    while (!stop.aborted) {
      const messages = taken(call);
      if (messages.length > 0) {
        yield messages;
        continue;
      }
      if (failure) throw failure;
      if (over) return;
      const ms = patienceMs();
      const timer = Number.isFinite(ms)
        ? setTimeout(() => fail(new NoAnswer(`No answer for ${Math.round(ms)} ms`)), ms)
        : undefined;
      await new Promise<void>((resolve) => (wake = resolve));
      clearTimeout(timer);
    }
  } finally {
    stop.removeEventListener('abort', sign);
    call.off('readable', sign).off('end', end); // `fail` stays: what a cancelled call says is nobody's error
    call.cancel();
  }
}

function taken(call: ReadCall): readonly ReadResp[] {
  const messages: ReadResp[] = [];
  while (messages.length < MOST) {
    const message = call.read() as ReadResp | null;
    if (message === null) break;
    messages.push(message);
  }
  return messages;
}
