import type { SqlConnection } from '../connection.js';
import { selectionsOf } from './filter.js';
import { ofScopeStarts, scopeStartsOf } from './starts.js';
import type { Listing, Selection } from './terms.js';

/** How the database finds the rows of a page. */
export type AccessPath =
  /**
   * Left to the query planner and its statistics. Scopes of an API are a range of an index, and no planner knows in
   * how many credentials they lie: for an API of many, each row is checked instead.
   */
  | { readonly kind: 'open'; readonly isApiChecked?: boolean }
  /** Index scan in the order of the listing, until the page is full. */
  | { readonly kind: 'in-order' }
  /** Index lookup of a selection, whose rows are then filtered and sorted. */
  | { readonly kind: 'selected'; readonly selection: Selection };

/**
 * Upper bound of rows to sort, which takes some milliseconds. A filter that selects more, out of a million, matches
 * so often that an in-order scan fills the page after one in a hundred rows at most, unless the filter correlates
 * with the order.
 */
const MAX_SORTED_ROWS = 4_000;

/**
 * Chooses the access path. PostgreSQL's planner estimates how many rows a filter selects. SQLite follows the SQL
 * text, so the rows are counted first, up to the bound.
 */
export async function accessPathOf(connection: SqlConnection, query: Listing): Promise<AccessPath> {
  if (connection.hasStaticPlanner !== true) {
    const starts = scopeStartsOf(query);
    if (starts === null) return { kind: 'open' };
    return { kind: 'open', isApiChecked: !(await isSmall(connection, ofScopeStarts(starts))) };
  }
  for (const selection of selectionsOf(query)) {
    if (await isSmall(connection, selection)) return { kind: 'selected', selection };
  }
  return { kind: 'in-order' };
}

async function isSmall(connection: SqlConnection, { from, parameters }: Selection): Promise<boolean> {
  const [row] = await connection.tuples<readonly [count: number]>(
    `select count(*) from (select 1 ${from} limit ${MAX_SORTED_ROWS + 1}) n`,
    parameters,
  );
  return row !== undefined && Number(row[0]) <= MAX_SORTED_ROWS;
}
