import type { FastifyRequest } from 'fastify';
import type { CommandContext } from '../../src/application/command-context.js';
import { RequestRefused } from './problems.js';

/** What the headers of a command say; `occurredAt` and `principal` are added by `Commands`. */
export type CommandHeaders = Omit<CommandContext, 'occurredAt' | 'principal'>;

/** @throws RequestRefused where a header is missing or malformed */
export function commandHeaders(request: Pick<FastifyRequest, 'headers' | 'id' | 'raw'>): CommandHeaders {
  const { headers, raw } = request;
  const expectedRevision = expectedRevisionOf(headers['if-match']);
  const traceparent = traceparentOf(headers['traceparent']);
  return {
    commandId: commandIdOf(headers['idempotency-key'], raw),
    correlationId: request.id,
    ...(expectedRevision === undefined ? {} : { expectedRevision }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

const BARE_KEY = /^[\x21\x23-\x7e][\x20-\x7e]{0,254}$/;
/** `sf-string` of RFC 9651, section 3.3.3: in quotes, with `\"` and `\\`. */
const QUOTED_KEY = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/** Quoted (draft-ietf-httpapi-idempotency-key-header) or bare, as most clients send it; both name the same command. */
function commandIdOf(header: string | string[] | undefined, raw: FastifyRequest['raw']): string {
  if (header === undefined || header === '') throw new RequestRefused({ code: 'idempotency-key-missing' });
  // Node joins fields of one name with a comma; two keys name no command.
  const text = typeof header === 'string' && !(header.includes(',') && isRepeated(raw)) ? header : '';
  if (BARE_KEY.test(text)) return text;
  const quoted = QUOTED_KEY.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1');
  if (quoted && quoted.length <= 255) return quoted;
  throw new RequestRefused({ code: 'idempotency-key-malformed' });
}

const isRepeated = ({ headersDistinct }: FastifyRequest['raw']): boolean =>
  (headersDistinct['idempotency-key']?.length ?? 0) > 1;

/** A strong entity tag of ours: `"<revision>"`, or with a digest of the content behind it as views give it: `"<revision>.<digest>"`. */
const ETAG = /^"(0|[1-9][0-9]{0,18})(?:\.[0-9a-f]{1,20})?"$/;

/** The revision that `If-Match` names. A comparison is with one revision, so a list, `*` or a weak tag is refused. */
function expectedRevisionOf(header: string | undefined): bigint | undefined {
  if (header === undefined) return undefined;
  const revision = ETAG.exec(header)?.[1];
  if (revision === undefined) throw new RequestRefused({ code: 'if-match-malformed' });
  return BigInt(revision);
}

/** W3C Trace Context, version 00. What is not of its form is no trace, and the header is to be ignored (section 3.2). */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export const traceparentOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && TRACEPARENT.test(header) ? header : undefined;

const CORRELATION_ID = /^[\x21-\x7e]{1,128}$/;

/** The client's own correlation id, if it can be written to a log line and a header as it is. */
export const correlationIdOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && CORRELATION_ID.test(header) ? header : undefined;
