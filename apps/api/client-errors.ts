import type { Socket } from 'node:net';
import { problemDocument } from './problems.js';
import type { RequestProblem } from './problems/request.js';
import { PROBLEM_JSON } from './problem.filter.js';

/** What Node's HTTP parser refuses before there is a request: https://nodejs.org/api/http.html#event-clienterror */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const document = problemDocument({ code: codeOf(error.code) });
  const body = JSON.stringify(document);
  const head = [
    `HTTP/1.1 ${document.status} ${document.title}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function codeOf(code: string | undefined): RequestProblem['code'] {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers-too-large';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout';
  return 'http-malformed';
}
