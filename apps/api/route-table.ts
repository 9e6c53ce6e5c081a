import type { FastifyInstance } from 'fastify';

export type Route = Readonly<{ method: string; path: string }>;

/** Every route that was registered, so that a wrong method can be told from a wrong path. */
export class RouteTable {
  readonly #routes: (Route & { matches: RegExp })[] = [];

  /** Listens on `fastify` for routes; before any is registered. */
  constructor(fastify: Pick<FastifyInstance, 'addHook'>) {
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of Array.isArray(method) ? method : [method]) {
        this.#routes.push({ method: each, path: url, matches: patternOf(url) });
      }
    });
  }

  /** All routes, as registered: `/v1/orders/:id`. */
  all(): readonly Route[] {
    return this.#routes.map(({ method, path }) => ({ method, path }));
  }

  /** The methods that are known at a path, sorted; none where the path itself is not. */
  methodsAt(path: string): readonly string[] {
    const methods = this.#routes.filter(({ matches }) => matches.test(path)).map(({ method }) => method);
    return [...new Set(methods)].sort();
  }
}

/** `/v1/orders/:id` → one segment for a parameter; `/docs/*` → all that follows. */
function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}
