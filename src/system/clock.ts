import type { Clock } from '../domain/ports/ports.js';

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
