import type { CredentialQuery } from '../../../domain/ports/store-port.js';
import type { SqlConnection } from '../connection.js';
import { type Selection, selectionsOf } from './filter.js';

/** How the database is to find the credentials of a page. */
export type AccessPath =
  /** As it sees fit, by what it knows of the tables. */
  | { readonly kind: 'open' }
  /** One after the other in the order of the listing, until the page is full. */
  | { readonly kind: 'in-order' }
  /** First all that an index selects, then those of them that belong on the page. */
  | { readonly kind: 'selected'; readonly selection: Selection };

/**
 * As many as can be put in order in some milliseconds. Where a filter selects more of a million, so many of them stand
 * in every stretch of the order that the page is full after one in a hundred at most, unless the filter goes with the order.
 */
const MAX_SORTED_ROWS = 4_000;

/**
 * Chooses the way to a page. PostgreSQL knows how many rows a filter selects; SQLite goes by the form of the question, so
 * that somebody has to count first, and no further than it matters.
 */
export async function accessPathOf(connection: SqlConnection, query: CredentialQuery): Promise<AccessPath> {
  if (connection.hasStaticPlanner !== true) return { kind: 'open' };
  for (const selection of selectionsOf(query)) {
    const [row] = await connection.tuples<readonly [count: number]>(
      `select count(*) from (select 1 ${selection.from} limit ${MAX_SORTED_ROWS + 1})`,
      selection.parameters,
    );
    if (row !== undefined && row[0] <= MAX_SORTED_ROWS) return { kind: 'selected', selection };
  }
  return { kind: 'in-order' };
}
