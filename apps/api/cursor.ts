import { hash } from 'node:crypto';
import type { Cursor } from '../../src/application/ports/view-store.js';
import type { KeyPart } from '../../src/projections/projection.js';
import { RequestRefused } from './problems.js';

type Filter = Readonly<Record<string, string | undefined>> | object;

/**
 * Where a page ended, as opaque text: base64url of a JSON array of a fingerprint of path and filter, the key's parts
 * (text as `s…`, integers as `i…`) and the id. The fingerprint keeps a cursor from being used on another list, where it
 * would skip entries without a word; it is no secret, since a forged cursor only begins somewhere else.
 */
export function encodeCursor({ key, id }: Cursor, path: string, filter: Filter): string {
  const parts = key.map((part) => (typeof part === 'bigint' ? `i${part}` : `s${part}`));
  return Buffer.from(JSON.stringify([fingerprint(path, filter), parts, id])).toString('base64url');
}

/** @throws RequestRefused (`cursor-invalid`) for anything that `encodeCursor` would not give for this path and filter */
export function decodeCursor(text: string, path: string, filter: Filter): Cursor {
  const [print, parts, id, ...more] = parsed(text);
  if (print !== fingerprint(path, filter) || !Array.isArray(parts) || !isText(id) || more.length > 0) {
    throw new RequestRefused({ code: 'cursor-invalid' });
  }
  return { key: parts.map(keyPart), id };
}

function parsed(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(value)) return value as readonly unknown[];
  } catch (cause) {
    throw new RequestRefused({ code: 'cursor-invalid' }, {}, { cause });
  }
  throw new RequestRefused({ code: 'cursor-invalid' });
}

function keyPart(part: unknown): KeyPart {
  if (isText(part)) {
    if (part.startsWith('s')) return part.slice(1);
    const integer = /^i(0|-?[1-9][0-9]{0,18})$/.exec(part)?.[1];
    if (integer !== undefined) return BigInt(integer);
  }
  throw new RequestRefused({ code: 'cursor-invalid' });
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed();

/** Of path and filter, whatever the order of the parameters. */
function fingerprint(path: string, filter: Filter): string {
  const parameters = Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return hash('sha256', JSON.stringify([path, parameters]), 'base64url').slice(0, 10);
}
