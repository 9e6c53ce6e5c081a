import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestRefused } from './problems.js';

/** A thousand lines with names fit; an event with them stays below what the log takes. */
export const BODY_LIMIT_BYTES = 262_144;

/** What is under here is signed byte for byte, so it is handed on as it came. */
const SIGNED = '/v1/webhooks/';

/** JSON in UTF-8, as it is, or no body at all. Any other media type is refused by the framework (415). */
export function onlyJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ url, headers }, body, done) => {
    try {
      refuseEncoded(headers);
      done(null, url.startsWith(SIGNED) ? body : parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws RequestRefused (`media-type-unsupported`) compressed, or in another charset; RFC 9110, sections 8.4 and 15.5.16 */
function refuseEncoded(headers: FastifyRequest['headers']): void {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (coding !== '' && coding !== 'identity') throw unsupported({ 'Accept-Encoding': 'identity' });
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8') throw unsupported({ Accept: 'application/json' });
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i;
const unsupported = (accepted: Readonly<Record<string, string>>): RequestRefused =>
  new RequestRefused({ code: 'media-type-unsupported' }, accepted);

/**
 * The value of a JSON text; `undefined` for none. A field `__proto__` is refused: it is an ordinary field to JSON, but
 * whoever copies the object later would change its prototype.
 * @throws RequestRefused (`body-malformed`)
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw malformed('The body is not UTF-8');
  const text = body.toString('utf8');
  // An escape could hide the name, so a text with escapes is looked at after it has been read.
  const suspect = text.includes('__proto__') || text.includes('\\u');
  try {
    return suspect ? (JSON.parse(text, refuseProto) as unknown) : (JSON.parse(text) as unknown);
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed(error.message);
    throw error;
  }
}

function refuseProto(this: unknown, key: string, value: unknown): unknown {
  if (key === '__proto__') throw malformed('The field __proto__ is not allowed');
  return value;
}

const malformed = (reason: string): RequestRefused => new RequestRefused({ code: 'body-malformed', reason });
