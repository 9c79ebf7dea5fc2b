import { CredctlError } from '../../domain/errors.js';
import { OLDEST_SCHEMA, SCHEMA_NUMBER } from './number.js';

/**
 * The error for a store of an older schema, which is not migrated without a request: older programs may be using
 * it.
 */
export class OlderSchema extends CredctlError {
  constructor(location: string, schema: number) {
    super(
      'store_unavailable',
      `${location} was made by an older credctl (schema ${schema}; this one needs ${SCHEMA_NUMBER})`,
      { hint: 'end whatever older credctl uses it, then run: credctl store migrate' },
    );
  }
}

/**
 * Refuses a schema that no migration starts from.
 *
 * @throws CredctlError `store_unavailable`
 */
export function requireMigratable(location: string, schema: number): void {
  if (schema >= OLDEST_SCHEMA) return;
  throw new CredctlError(
    'store_unavailable',
    `${location} was made by a credctl from before the first release (schema ${schema}; the oldest that can be migrated is ${OLDEST_SCHEMA})`,
    { hint: 'name another one; this one was left untouched' },
  );
}
