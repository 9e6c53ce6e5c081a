import { readFileSync } from 'node:fs';
import { parseMasterKey, type MasterKey } from '../keys/master-key.js';

/**
 * Where a master key comes from: the variable itself, or a file that it names, as secrets are mounted into containers.
 * `shown`  as a log may show it
 */
export type MasterKeySetting = Readonly<{ key: MasterKey; shown: string } | { file: string; shown: string }>;

const FORM = 'must be 32 bytes in base64, as `openssl rand -base64 32` makes them.';

/**
 * The setting `name`, or `name` with `_FILE`; `undefined` where neither is set, or what is wrong with it, which never holds
 * the value.
 */
export function masterKeySetting(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): MasterKeySetting | Readonly<{ setting: string; message: string }> | undefined {
  const { [name]: text, [`${name}_FILE`]: file } = env;
  if (text && file) return { setting: `${name}_FILE`, message: `cannot be set together with ${name}.` };
  if (file) return { file, shown: `in ${file}` };
  if (!text) return undefined;
  const key = parseMasterKey(text);
  return key ? { key, shown: 'set' } : { setting: name, message: FORM };
}

/** A file that a setting names cannot be used as what it should hold. */
export class MasterKeyUnreadable extends Error {
  override readonly name = 'MasterKeyUnreadable';
}

/** @throws MasterKeyUnreadable */
export function readMasterKey(setting: MasterKeySetting): MasterKey {
  if ('key' in setting) return setting.key;
  let text: string;
  try {
    text = readFileSync(setting.file, 'utf8');
  } catch (cause) {
    throw new MasterKeyUnreadable(`The master key cannot be read: ${(cause as Error).message}`, { cause });
  }
  const key = parseMasterKey(text);
  if (key) return key;
  throw new MasterKeyUnreadable(`${setting.file} holds no master key: it ${FORM}`);
}
