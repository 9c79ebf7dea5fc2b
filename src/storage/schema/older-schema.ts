import { CredctlError } from '../../domain/errors.js';
import { OLDEST_SCHEMA, SCHEMA_NUMBER } from './number.js';

/** The error for a store of an older schema that cannot be used as it is. */
export class OlderSchema extends CredctlError {
  /** The schema of the store. */
  readonly schema: number;

  constructor(location: string, schema: number) {
    super(
      'store_unavailable',
      `${location} was made by an older credctl (schema ${schema}; this one needs ${SCHEMA_NUMBER})`,
      { hint: 'end every older credctl that uses it, then run: credctl store migrate' },
    );
    this.schema = schema;
  }
}

/**
 * The error for a store of an older schema that nothing may be changed in, because it cannot be migrated.
 *
 * @param why completes "cannot be migrated: "
 */
export function unmigratable(location: string, schema: number, why: string, hint: string): CredctlError {
  return new CredctlError(
    'store_unavailable',
    `${location} cannot be migrated from schema ${schema} to ${SCHEMA_NUMBER}: ${why}`,
    { hint },
  );
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
    { hint: 'name another one; this one was not changed' },
  );
}
