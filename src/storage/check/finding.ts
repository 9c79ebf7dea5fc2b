import type { Finding } from '../../domain/ports/store-port.js';

/**
 * Checks of what a store says rather than of whether it can be read. A restore corrects contradictions to the
 * trail, and brings back no access token, so these do not make a backup unsound.
 */
export const OF_CONTENT: ReadonlySet<string> = new Set(['trail', 'names', 'tokens']);

/** A finding of severity `error`: the store cannot be trusted as it is. */
export function error(check: string, message: string, fix: string): Finding {
  return { check, severity: 'error', message, fix };
}
