import { wordsOf } from './finding.js';

/** What to do when a server cannot be spoken to, told by what Node, gRPC and MongoDB's driver say. The first that fits. */
const ADVICE: readonly (readonly [RegExp, (setting: string) => string])[] = [
  [
    /wrong version number|EPROTO|packet length too long|SSL routines|Protocol error|Client network socket disconnected/i,
    (setting) => `One side speaks TLS and the other does not: look at the tls option of ${setting}.`,
  ],
  [
    /certificate|self.signed|altnames|unable to verify/i,
    (setting) =>
      `The server's certificate is not trusted, or is for another name: name its authority in ${setting} (tlsCAFile), or the host as the certificate does.`,
  ],
  [
    /authentication failed|unauthenticated|bad auth|requires authentication|refuses the user|access denied/i,
    (setting) => `Correct user and password in ${setting}, or what the server lets this user do.`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN|name resolution/i,
    (setting) => `There is no host of that name: correct ${setting}, or the DNS.`,
  ],
  [
    /ECONNREFUSED/i,
    (setting) =>
      `Nothing listens there: start the server (docker compose -f deploy/compose.yaml up --detach --wait), or correct ${setting}.`,
  ],
];

export function connectionAdvice(error: unknown, setting: string): string {
  const words = `${wordsOf(error)}${causesOf(error)}`;
  const advice = ADVICE.find(([pattern]) => pattern.test(words));
  return advice
    ? advice[1](setting)
    : `See whether the server of ${setting} runs, and whether a firewall lets this machine through.`;
}

function causesOf(error: unknown): string {
  let text = '';
  for (let cause = error; cause instanceof Error; cause = cause.cause) text += ` ${cause.message}`;
  return text;
}
