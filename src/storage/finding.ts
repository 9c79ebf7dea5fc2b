import type { Finding } from '../domain/store-port.js';

/** A finding that the store cannot be trusted with. */
export function error(check: string, message: string, fix: string): Finding {
  return { check, severity: 'error', message, fix };
}
