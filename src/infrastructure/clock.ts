import type { Clock } from '../application/ports/clock.js';

/** The machine's wall clock. It may step back; whoever needs an order of events takes it from the log. */
export const systemClock: Clock = { now: () => Date.now() };
