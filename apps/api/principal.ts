import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Who asks, as far as it can be told: nobody authenticates yet, so it is the way that the request came.
 * `local`  over HTTP, which listens on loopback addresses only
 * `nats`   over NATS, from whoever its server lets publish to the commands' subjects
 */
export type Principal = 'local' | 'nats';

const asking = new AsyncLocalStorage<Principal>();

/** Runs `work`, and all that it sets off, for `principal`. */
export const actingAs = <T>(principal: Principal, work: () => T): T => asking.run(principal, work);

/** Whom the work at hand is done for. */
export const currentPrincipal = (): Principal => asking.getStore() ?? 'local';
