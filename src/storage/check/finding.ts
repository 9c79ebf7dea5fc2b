import type { Finding } from '../../domain/ports/store-port.js';

/**
 * Checks of what a store says, and not of whether it can be read: what contradicts the trail is put right by a restore, and no
 * access token comes back by one.
 */
export const OF_CONTENT: ReadonlySet<string> = new Set(['trail', 'names', 'tokens']);

/** A finding that the store cannot be trusted with. */
export function error(check: string, message: string, fix: string): Finding {
  return { check, severity: 'error', message, fix };
}
