import { LedgerProcess } from '../processes/ledger-process.js';

type App = 'api' | 'projector';
type Settings = Readonly<Record<string, string>>;
/** A place in the fleet; empty while its process has been killed and the next one is not ready. */
type Place = { readonly app: App; process: LedgerProcess | undefined; starting: Promise<LedgerProcess> };

/** The API and projector processes of one ledger, which are killed (kill -9) and started again while they work. */
export class Fleet {
  readonly kills = { api: 0, projector: 0 };
  readonly #places: readonly Place[];
  readonly #replacing = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;

  private constructor(
    private readonly settings: Settings,
    places: readonly Place[],
  ) {
    this.#places = places;
  }

  /** Resolves when all are ready. */
  static async start(settings: Settings, count: Readonly<Record<App, number>>): Promise<Fleet> {
    const apps = (['api', 'projector'] as const).flatMap((app) => Array<App>(count[app]).fill(app));
    const places = apps.map((app): Place => ({
      app,
      process: undefined,
      starting: LedgerProcess.start(app, settings),
    }));
    const fleet = new Fleet(settings, places);
    const arrivals = await Promise.allSettled(places.map(arrived));
    const failed = arrivals.find((arrival) => arrival.status === 'rejected');
    if (!failed) return fleet;
    await fleet.stop();
    throw failed.reason;
  }

  /** Of the APIs that are ready now; none while there is none. @throws what kept one that was killed from starting again */
  get urls(): readonly string[] {
    if (this.#failure) throw this.#failure.error;
    return this.#places.flatMap(({ app, process }) => (app === 'api' && process ? [process.url] : []));
  }

  /** Kills one that is there, and starts another in its place, which is not waited for. Without one that is there: false. */
  kill(app: App): boolean {
    const there = this.#places.filter((place) => place.app === app && place.process !== undefined);
    const place = there[Math.floor(Math.random() * there.length)];
    if (!place?.process) return false;
    const { process } = place;
    place.process = undefined;
    this.kills[app]++;
    place.starting = process.kill().then(() => LedgerProcess.start(app, this.settings));
    const replacing = arrived(place).then(
      () => void this.#replacing.delete(replacing),
      (error: unknown) => {
        this.#replacing.delete(replacing);
        this.#failure ??= { error };
      },
    );
    this.#replacing.add(replacing);
    return true;
  }

  /** Resolves when every place has its process again. @throws what kept one from starting */
  async whole(): Promise<void> {
    while (this.#replacing.size > 0) await Promise.all(this.#replacing);
    if (this.#failure) throw this.#failure.error;
  }

  async stop(): Promise<void> {
    while (this.#replacing.size > 0) await Promise.all(this.#replacing);
    await Promise.all(this.#places.flatMap(({ process }) => (process ? [process.kill()] : [])));
  }
}

async function arrived(place: Place): Promise<void> {
  place.process = await place.starting;
}

/**
 * Random moments of a piece of work of `steps` steps at which to kill: told how far it is by `passed`, it kills `first` at the
 * first of them, the other app at the next, and so on; where that one is not back yet, at the next step that finds it. By steps
 * and not by time, so that a fast machine has as many kills as a slow one.
 */
export class KillsAtRandom {
  readonly #moments: readonly number[];
  #passed = 0;
  #kills = 0;
  #owed = 0;

  constructor(
    private readonly fleet: Fleet,
    steps: number,
    kills: number,
    private readonly first: App = 'api',
  ) {
    this.#moments = Array.from({ length: kills }, () => 1 + Math.floor(Math.random() * steps));
  }

  passed(): void {
    this.#passed++;
    this.#owed += this.#moments.filter((moment) => moment === this.#passed).length;
    if (this.#owed === 0) return;
    const other = this.first === 'api' ? 'projector' : 'api';
    if (!this.fleet.kill(this.#kills % 2 === 0 ? this.first : other)) return;
    this.#kills++;
    this.#owed--;
  }
}
