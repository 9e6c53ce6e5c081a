import { hash } from 'node:crypto';

/**
 * The canonical JSON of a command: RFC 8785 for what commands hold, which is text, booleans, null, safe integers, lists
 * and objects; a bigint is written as decimal text, an undefined field is left out.
 * @throws TypeError for anything else (a fraction, an unsafe integer, a function): such a command has no fixed meaning
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `"${value}"`;
    case 'number':
      if (!Number.isSafeInteger(value)) throw new TypeError(`Not a safe integer: ${value}`);
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalList(value) : canonicalObject(value as Record<string, unknown>);
    case 'undefined':
    case 'function':
    case 'symbol':
      throw new TypeError(`A command cannot hold a ${typeof value}`);
  }
}

function canonicalList(list: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < list.length; index++) text += (index === 0 ? '' : ',') + canonicalJson(list[index]);
  return text + ']';
}

function canonicalObject(object: Record<string, unknown>): string {
  let text = '{';
  for (const field of Object.keys(object).sort()) {
    const value = object[field];
    if (value === undefined) continue;
    text += `${text.length === 1 ? '' : ','}${JSON.stringify(field)}:${canonicalJson(value)}`;
  }
  return text + '}';
}

/** SHA-256 of the canonical JSON, base64url without padding (43 characters). */
export const commandHash = (command: unknown): string => hash('sha256', canonicalJson(command), 'base64url');
