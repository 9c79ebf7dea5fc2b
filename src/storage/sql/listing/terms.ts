import type { TypedQuery } from '../../../domain/ports/store-port.js';
import type { ScopeSelection } from '../../../domain/scope/scope-selection.js';
import type { SqlValue } from '../connection.js';

/**
 * A query whose filters by scopes are resolved to stored texts, with the number of the credential that has the handle
 * searched for, if one has.
 */
export type Listing = Omit<TypedQuery, 'api' | 'scope' | 'can'> &
  ScopeSelection & { readonly ofHandle?: number };

/** A condition of a listing, in SQL for both engines. */
export interface Condition {
  readonly text: string;
  readonly parameters: readonly SqlValue[];
}

/** A set of credentials that one index finds without a scan. */
export interface Selection {
  /** Its SQL, from the keyword `from` on. */
  readonly from: string;
  readonly parameters: readonly SqlValue[];
  /** The column with the credential's number. */
  readonly column: string;
  /** Whether it may find a credential several times: once a scope, a label or a version. */
  readonly isRepeating?: boolean;
}
