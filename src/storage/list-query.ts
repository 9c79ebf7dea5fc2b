import { usageError } from '../domain/errors.js';
import type { CredentialQuery, CredentialSort } from '../domain/store-port.js';
import type { SqlValue } from './connection.js';
import { CREDENTIAL_COLUMNS, type CredentialRow } from './credential-rows.js';

interface SortOrder {
  /** Expression that an index leads with. */
  readonly key: string;
  /** Unique tie-breaker, the index's second column. */
  readonly tie: string;
  readonly descending: boolean;
  /** The key of a row that was read. */
  readonly keyOf: (row: CredentialRow) => string | number | null;
}

const SORTS: Readonly<Record<CredentialSort, SortOrder>> = {
  name: { key: 'c.name_key', tie: 'c.id', descending: false, keyOf: ([, , nameKey]) => nameKey },
  created: { key: 'c.created_at', tie: 'c.id', descending: true, keyOf: (row) => row[9] },
  'last-used': {
    key: 'u.last_used_at',
    tie: 'u.credential_id',
    descending: true,
    keyOf: (row) => row[17],
  },
  expires: {
    key: `coalesce(c.expires_at, ${Number.MAX_SAFE_INTEGER})`,
    tie: 'c.id',
    descending: false,
    keyOf: (row) => row[13] ?? Number.MAX_SAFE_INTEGER,
  },
};

/** One page's query. It asks for one row more than the page holds, to know whether another page follows. */
export function listQuery(query: CredentialQuery): { text: string; parameters: readonly SqlValue[] } {
  const sort = SORTS[query.sort];
  const conditions: string[] = [];
  const parameters: SqlValue[] = [];
  const where = (condition: string, ...values: readonly SqlValue[]): void => {
    conditions.push(condition);
    parameters.push(...values);
  };
  addFilters(query, where);
  if (query.cursor !== undefined) {
    const position = parseCursor(query.sort, query.cursor);
    const compare = sort.descending ? '<' : '>';
    // Written out, since no index serves a row value of which a part is an expression.
    where(
      `${sort.key} ${compare}= ? and (${sort.key} ${compare} ? or ${sort.tie} ${compare} ?)`,
      position.key,
      position.key,
      position.id,
    );
  }
  const direction = sort.descending ? 'desc' : 'asc';
  return {
    text: `select ${CREDENTIAL_COLUMNS}
      from ${query.sort === 'last-used' ? 'credential_use u join credential c on c.id = u.credential_id' : 'credential c left join credential_use u on u.credential_id = c.id'}
      left join owner o on o.id = c.owner_id
      ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
      order by ${sort.key} ${direction}, ${sort.tie} ${direction}
      limit ${query.limit + 1}`,
    parameters,
  };
}

function addFilters(query: CredentialQuery, where: (condition: string, ...values: SqlValue[]) => void): void {
  if (query.type !== undefined) where('c.type = ?', query.type);
  if (query.ownerId !== undefined) where('c.owner_id = ?', query.ownerId);
  addStatus(query, where);
  if (query.scope !== undefined) {
    where('c.id in (select s.credential_id from credential_scope s where s.scope = ?)', query.scope);
  }
  if (query.label !== undefined) {
    where(
      'c.id in (select l.credential_id from credential_label l where l.key = ? and l.value = ?)',
      query.label.key,
      query.label.value,
    );
  }
  if (query.dueBy !== undefined) {
    where(
      "c.rotation_due_at <= ? and c.status = 'active' and (c.expires_at is null or c.expires_at > ?)",
      query.dueBy,
      query.now,
    );
  }
  if (query.unusedSince !== undefined) {
    where('u.last_used_at <= ? and c.created_at <= ?', query.unusedSince, query.unusedSince);
  }
  if (query.search !== undefined) {
    const pattern = `%${query.search.toLowerCase().replaceAll(/[\\%_]/g, (mark) => `\\${mark}`)}%`;
    where(`(c.name_key like ? escape '\\' or c.description_key like ? escape '\\')`, pattern, pattern);
  }
}

function addStatus(query: CredentialQuery, where: (condition: string, ...values: SqlValue[]) => void): void {
  if (query.status === 'inactive') {
    where("c.status = 'inactive'");
  } else if (query.status === 'active') {
    where("c.status = 'active' and (c.expires_at is null or c.expires_at > ?)", query.now);
  } else if (query.status === 'expired') {
    where("c.status = 'active' and c.expires_at <= ?", query.now);
  }
}

/** The opaque position after the given row. */
export function cursorAfter(sort: CredentialSort, row: CredentialRow): string {
  return cursorAt(sort, SORTS[sort].keyOf(row), row[0]);
}

/** The opaque position after the credential with this id, whose key in that order is `key`. */
export function cursorAt(sort: CredentialSort, key: string | number | null, id: string): string {
  return Buffer.from(JSON.stringify([sort, key, id])).toString('base64url');
}

function parseCursor(sort: CredentialSort, cursor: string): { key: string | number; id: string } {
  const parts = decodeCursor(cursor);
  const [of, key, id] = parts;
  if (parts.length !== 3 || of !== sort || typeof id !== 'string' || !isKeyOf(sort, key)) {
    throw usageError(
      'the cursor does not belong to this listing',
      'pass the next_cursor of the page before, with the same --sort',
    );
  }
  return { key, id };
}

function isKeyOf(sort: CredentialSort, key: unknown): key is string | number {
  return sort === 'name' ? typeof key === 'string' : Number.isSafeInteger(key);
}

function decodeCursor(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
