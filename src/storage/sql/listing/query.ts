import { usageError } from '../../../domain/errors.js';
import type { CredentialSort } from '../../../domain/ports/store-port.js';
import type { SqlValue } from '../connection.js';
import { CREDENTIAL, type CredentialRow } from '../credential-rows.js';
import type { AccessPath } from './access-path.js';
import { conditionsOf, EXPIRY, NEVER } from './filter.js';
import type { Condition, Listing } from './terms.js';

interface SortOrder {
  /** The first expression of the index. */
  readonly key: string;
  /** Unique tie-breaker, the index's second column. */
  readonly tie: string;
  readonly descending: boolean;
  /** The key of a row. */
  readonly keyOf: (row: CredentialRow) => string | number | null;
  /** The tie-breaker of a row. */
  readonly tieOf: (row: CredentialRow) => string | number;
}

const idOf = (row: CredentialRow): string => row.id;

const SORTS: Readonly<Record<CredentialSort, SortOrder>> = {
  name: { key: 'c.name_key', tie: 'c.id', descending: false, keyOf: (row) => row.nameKey, tieOf: idOf },
  created: { key: 'c.created_at', tie: 'c.id', descending: true, keyOf: (row) => row.createdAt, tieOf: idOf },
  'last-used': {
    key: 'u.last_used_at',
    tie: 'u.credential_key',
    descending: true,
    keyOf: (row) => row.lastUsedAt ?? NEVER,
    tieOf: (row) => row.key,
  },
  expires: {
    key: EXPIRY,
    tie: 'c.id',
    descending: false,
    keyOf: (row) => row.expiresAt ?? NEVER,
    tieOf: idOf,
  },
};

/** The greatest credential number on both engines: PostgreSQL's `integer`. */
export const LAST_NUMBER = 2_147_483_647;

/** An SQL text and its parameters. */
interface Question {
  readonly text: string;
  readonly parameters: readonly SqlValue[];
}

const LAST_USE = 'last_use u on u.credential_key = c.key and u.number = 0';

/**
 * The query for one page (keyset pagination). It reads one row more than the page holds, to know whether another
 * page follows.
 */
export function listQuery(query: Listing, route: AccessPath): Question {
  const sort = SORTS[query.sort];
  const isChecked = route.kind !== 'open';
  const isApiChecked = route.kind !== 'open' || route.isApiChecked === true;
  const conditions = [...conditionsOf(query, isChecked, isApiChecked), ...afterCursor(query)];
  const direction = sort.descending ? 'desc' : 'asc';
  const tail = `left join owner o on o.id = c.owner_id
      ${conditions.length === 0 ? '' : `where ${conditions.map(({ text }) => text).join(' and ')}`}`;
  const parameters = conditions.flatMap((condition) => condition.parameters);
  const limit = `limit ${query.limit + 1}`;
  if (route.kind === 'selected') {
    const { selection } = route;
    // The unary plus matches no index, so SQLite scans none for the order.
    return {
      text: `select ${CREDENTIAL.sql}
      from (select ${selection.isRepeating === true ? 'distinct ' : ''}${selection.column} as place ${selection.from}) m cross join credential c on c.key = m.place
      left join ${LAST_USE}
      ${tail}
      order by +${sort.key} ${direction}, +${sort.tie} ${direction}
      ${limit}`,
      parameters: [...selection.parameters, ...parameters],
    };
  }
  return {
    text: `select ${CREDENTIAL.sql}
      from ${query.sort === 'last-used' ? 'last_use u join credential c on c.key = u.credential_key and u.number = 0' : `credential c left join ${LAST_USE}`}
      ${tail}
      order by ${sort.key} ${direction}, ${sort.tie} ${direction}
      ${limit}`,
    parameters,
  };
}

function afterCursor({ sort: of, cursor }: Listing): readonly Condition[] {
  if (cursor === undefined) return [];
  const sort = SORTS[of];
  const position = parseCursor(of, cursor);
  const compare = sort.descending ? '<' : '>';
  // Spelled out: no index serves a row-value comparison that contains an expression.
  const text = `${sort.key} ${compare}= ? and (${sort.key} ${compare} ? or ${sort.tie} ${compare} ?)`;
  return [{ text, parameters: [position.key, position.key, position.tie] }];
}

/** The opaque cursor after the given row. */
export function cursorAfter(sort: CredentialSort, row: CredentialRow): string {
  return cursorAt(sort, SORTS[sort].keyOf(row), SORTS[sort].tieOf(row));
}

/**
 * The opaque cursor after the credential whose sort key is `key`.
 *
 * @param tie the tie-breaker: the credential's number for `last-used`, its id for the other orders
 */
export function cursorAt(sort: CredentialSort, key: string | number | null, tie: string | number): string {
  return Buffer.from(JSON.stringify([sort, key, tie])).toString('base64url');
}

function parseCursor(
  sort: CredentialSort,
  cursor: string,
): { readonly key: string | number; readonly tie: string | number } {
  const parts = decodeCursor(cursor);
  const [of, key, tie] = parts;
  if (parts.length !== 3 || of !== sort || !isTieOf(sort, tie) || !isKeyOf(sort, key)) {
    throw usageError(
      'the cursor does not belong to this list',
      'pass the next_cursor of the previous page, with the same --sort',
    );
  }
  return { key, tie };
}

function isKeyOf(sort: CredentialSort, key: unknown): key is string | number {
  return sort === 'name' ? typeof key === 'string' : Number.isSafeInteger(key);
}

function isTieOf(sort: CredentialSort, tie: unknown): tie is string | number {
  if (sort !== 'last-used') return typeof tie === 'string';
  return typeof tie === 'number' && Number.isInteger(tie) && tie >= 0 && tie <= LAST_NUMBER;
}

function decodeCursor(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
