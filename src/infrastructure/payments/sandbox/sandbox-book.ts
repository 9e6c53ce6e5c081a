import type { DatabaseSync } from 'node:sqlite';
import type { ProviderNews } from '../../../domain/provider-event/provider-event.events.js';
import type { Answer, Done, Intent } from './bank.js';
import { testCard } from './test-cards.js';

/** Something that the bank has to tell, as a provider's webhook would. `number` counts 1, 2, 3 …; `text` is it as JSON. */
export type Notice = Readonly<{ number: number; news: ProviderNews; text: string }>;

/** What stands in the sandbox's file. Everything that writes is called within `inTransaction`. */
export class SandboxBook {
  constructor(private readonly db: DatabaseSync) {}

  /** What was answered under a key, and to which request. */
  answerTo(key: string): Readonly<{ fingerprint: string; answer: Answer }> | undefined {
    const row = this.db.prepare('SELECT fingerprint, answer FROM answers WHERE key = ?').get(key);
    return row && { fingerprint: String(row['fingerprint']), answer: fromJson(String(row['answer'])) as Answer };
  }

  keepAnswer(key: string, fingerprint: string, answer: Answer): void {
    this.db
      .prepare('INSERT INTO answers (key, fingerprint, answer) VALUES (?, ?, ?)')
      .run(key, fingerprint, toJson(answer));
  }

  /** From now on this is the answer to the request that made `reference`. */
  changeAnswer(reference: string, answer: Answer): void {
    this.db
      .prepare("UPDATE answers SET answer = ? WHERE json_extract(answer, '$.outcome.reference') = ?")
      .run(toJson(answer), reference);
  }

  intent(id: string): Intent | undefined {
    const row = this.db.prepare('SELECT body FROM intents WHERE id = ?').get(id);
    return row && (fromJson(String(row['body'])) as Intent);
  }

  /** The authorization as it is now, and what there is to tell: twice, where the payment method says so. */
  keep({ intent, news }: Done): void {
    if (intent) {
      const upsert = 'INSERT INTO intents (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body';
      this.db.prepare(upsert).run(intent.id, toJson(intent));
    }
    const times = intent && testCard(intent.method)?.fault === 'double' ? [1, 2] : [1];
    for (const each of news) for (const _ of times) this.tell(each);
  }

  tell(news: ProviderNews): void {
    this.db.prepare('INSERT INTO notices (object, news) VALUES (?, ?)').run(news.reference, toJson(news));
  }

  /** What it has told of an object last. */
  newestOf(objectId: string): ProviderNews | undefined {
    const row = this.db.prepare('SELECT news FROM notices WHERE object = ? ORDER BY number DESC LIMIT 1').get(objectId);
    return row && (fromJson(String(row['news'])) as ProviderNews);
  }

  /** What it has to tell after `number`, oldest first. */
  notices(after: number, limit = -1): readonly Notice[] {
    const rows = this.db
      .prepare('SELECT number, news FROM notices WHERE number > ? ORDER BY number LIMIT ?')
      .all(after, limit);
    return rows.map(({ number, news }) => {
      const text = String(news);
      return { number: Number(number), news: fromJson(text) as ProviderNews, text };
    });
  }

  /** Who it is, and up to which notice it was heard. */
  delivery(): Readonly<{ identity: string; told: number }> {
    const row = this.db.prepare('SELECT identity, told FROM delivery').get();
    return { identity: String(row?.['identity']), told: Number(row?.['told']) };
  }

  markTold(number: number): void {
    this.db.prepare('UPDATE delivery SET told = ? WHERE told < ?').run(number, number);
  }
}

const toJson = (value: object): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));

const MONEY = ['amount', 'capturable'];

/** The `minor` of money is a bigint, everything else as JSON has it. */
const fromJson = (text: string): unknown =>
  JSON.parse(text, (name, part: unknown) =>
    MONEY.includes(name) && typeof part === 'object' && part !== null && 'minor' in part
      ? { ...part, minor: BigInt(String(part.minor)) }
      : part,
  );
