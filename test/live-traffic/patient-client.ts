import { pause } from '../../src/application/pause.js';

/** What a command was answered with in the end: a receipt, or a problem that the same request would meet again. */
export type Answer = Readonly<{ status: number; body: Readonly<Record<string, unknown>> }>;

/** Chances, 0 to 1, of what a client of a bad connection does. */
export type Habits = Readonly<{
  /** To ask twice at the same moment. */
  doubles: number;
  /** To hang up within 20 ms, whatever has happened by then. */
  breaks: number;
  /** To ask once more within two seconds, although there was an answer. */
  repeats: number;
}>;

const PATIENCE_MS = 60_000;
const NO_ANSWER_MS = 10_000;

/** Sends commands until they are answered, each under one key, and holds every answer to a key against the first. */
export class PatientClient {
  /** How often a command was sent; without an answer; and again although there was one. */
  readonly counts = { sent: 0, unanswered: 0, again: 0 };
  readonly #repeats = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;

  constructor(
    private readonly urls: () => readonly string[],
    private readonly habits: Habits,
  ) {}

  /** @throws Error an answer to the same key differs, or there is none within a minute */
  async command(path: string, key: string, body: object): Promise<Answer> {
    const twice = Math.random() < this.habits.doubles;
    const both = [this.#ask(path, key, body), ...(twice ? [this.#ask(path, key, body)] : [])];
    const [answer, ...others] = await Promise.all(both);
    if (!answer) throw new Error(`${path} was not asked`);
    for (const other of others) this.#hold(path, key, answer, other);
    if (Math.random() < this.habits.repeats) this.#askAgainLater(path, key, body, answer);
    return answer;
  }

  /** Waits for all that is asked once more. @throws Error an answer differed */
  async settled(): Promise<void> {
    while (this.#repeats.size > 0) await Promise.all(this.#repeats);
    if (this.#failure) throw this.#failure.error;
  }

  #askAgainLater(path: string, key: string, body: object, first: Answer): void {
    const repeat = this.#again(path, key, body, first)
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => this.#repeats.delete(repeat));
    this.#repeats.add(repeat);
  }

  async #again(path: string, key: string, body: object, first: Answer): Promise<void> {
    await pause(Math.random() * 2_000);
    this.#hold(path, key, first, await this.#ask(path, key, body));
  }

  /** A receipt is the first one again; a refusal is decided again, and here for the same reason. */
  #hold(path: string, key: string, first: Answer, second: Answer): void {
    this.counts.again++;
    const said = ({ status, body }: Answer) =>
      status < 300 ? JSON.stringify(body) : `${status} ${String(body['code'])}`;
    if (said(first) === said(second)) return;
    throw new Error(`${path} under ${key}: first ${JSON.stringify(first)}, then ${JSON.stringify(second)}`);
  }

  async #ask(path: string, key: string, body: object): Promise<Answer> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const urls = this.urls();
      const url = urls[Math.floor(Math.random() * urls.length)];
      const answer = url === undefined ? undefined : await this.#attempt(`${url}${path}`, key, body);
      if (answer && answer.status < 500 && answer.body['retryable'] !== true) return answer;
      await pause(10 + Math.random() * 40);
    }
    throw new Error(`${path} under ${key} was not answered within a minute`);
  }

  async #attempt(url: string, key: string, body: object): Promise<Answer | undefined> {
    this.counts.sent++;
    const hangsUp = Math.random() < this.habits.breaks;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(hangsUp ? Math.floor(Math.random() * 20) : NO_ANSWER_MS),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    } catch (error) {
      // Killed, or hung up, before it had answered. Told by name: the errors of `fetch` are not of this realm.
      if (!['TypeError', 'TimeoutError', 'AbortError'].includes((error as Error).name)) throw error;
      this.counts.unanswered++;
      return undefined;
    }
  }
}
