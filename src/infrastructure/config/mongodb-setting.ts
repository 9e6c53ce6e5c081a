/** `url` with its credentials, for the driver; `shown` is fit for people and logs. */
export type MongoSetting = Readonly<{ url: string; database: string; shown: string }>;

export const DEFAULT_DATABASE = 'commerce-ledger';

const FORM =
  /^(mongodb(?:\+srv)?):\/\/(?:(?<credentials>.*)@)?(?<hosts>[^/?@]+)(?:\/(?<database>[^?]*))?(?:\?(?<options>.*))?$/s;
/** https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions */
const DATABASE = /^[^/\\. "$*<>:|?\0]{1,63}$/;

/** Options that views depend on, and what they are, always. */
const FIXED: Readonly<Record<string, string>> = {
  w: 'majority',
  journal: 'true',
  readpreference: 'primary',
  readconcernlevel: 'majority',
};

/**
 * Takes a connection string apart: https://www.mongodb.com/docs/manual/reference/connection-string/
 * @returns the setting, or why it is none, in words that hold nothing of it that may be secret
 */
export function mongoSetting(text: string): MongoSetting | string {
  const form = FORM.exec(text);
  if (!form) return 'is not a connection string. Give mongodb://HOST:PORT/DATABASE or mongodb+srv://HOST/DATABASE.';
  const { credentials, hosts, database: path = '', options = '' } = form.groups as Partial<Record<string, string>>;
  const database = decoded(path) || DEFAULT_DATABASE;
  if (credentials !== undefined && /[/?@]/.test(credentials))
    return 'has /, ? or @ in its user or password. Write them percent-encoded: %2F, %3F, %40.';
  if (!DATABASE.test(database)) return 'does not name a database after the host, as in mongodb://HOST:PORT/ledger.';
  for (const [name, value] of new URLSearchParams(options)) {
    const fixed = FIXED[name.toLowerCase()];
    if (fixed !== undefined && value.toLowerCase() !== fixed)
      return `asks for ${name}=${value}; the views need ${name}=${fixed}, which they use without being told.`;
  }
  const shown = `${form[1]}://${credentials === undefined ? '' : '***@'}${hosts}/${database}`;
  return { url: text, database, shown };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    if (cause instanceof URIError) return text;
    throw cause;
  }
}
