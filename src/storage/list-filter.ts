import type { CredentialQuery } from '../domain/store-port.js';
import type { SqlValue } from './connection.js';

/** A condition of a listing, in SQL that both engines understand. */
export interface Condition {
  readonly text: string;
  readonly parameters: readonly SqlValue[];
}

/** Some credentials that an index finds without looking at the others, as the rows of a query that names them `id`. */
export interface Selection extends Condition {
  /** The same rows, named by nothing, where that is cheaper to count. */
  readonly counted: string;
}

/** Comes after every time that a credential can expire. Written as the index has it. */
export const NEVER = Number.MAX_SAFE_INTEGER;
export const EXPIRY = `coalesce(c.expires_at, ${NEVER})`;

/**
 * What every credential of the listing fulfils.
 *
 * @param isChecked whether the database is to check rows that it has found already, rather than to find rows by it:
 *   SQLite looks for no index that could serve a term with a plus sign before it
 */
export function conditionsOf(query: CredentialQuery, isChecked: boolean): readonly Condition[] {
  const { now, sort, type, status, ownerId, scope, label, dueBy, unusedSince, search } = query;
  const conditions: Condition[] = [];
  const where = (text: string, ...parameters: readonly SqlValue[]): void => {
    conditions.push({ text, parameters });
  };
  const unless = (isFinding: boolean): string => (isChecked && !isFinding ? '+' : '');
  // An index by each of the three has the order of the names.
  const byName = unless(sort === 'name');
  const byExpiry = unless(sort === 'expires');
  if (type !== undefined) where(`${byName}c.type = ?`, type);
  if (ownerId !== undefined) where(`${byName}c.owner_id = ?`, ownerId);
  if (status === 'inactive') where(`${byName}c.status = 'inactive'`);
  else if (status !== undefined) {
    const compare = status === 'active' ? '>' : '<=';
    where(`${byName}c.status = 'active' and ${byExpiry}${EXPIRY} ${compare} ?`, now);
  }
  if (scope !== undefined) where(among('credential_scope s', 's.scope = ?', isChecked), scope);
  if (label !== undefined) {
    where(among('credential_label s', 's.key = ? and s.value = ?', isChecked), label.key, label.value);
  }
  if (dueBy !== undefined) {
    where(
      `${unless(false)}c.rotation_due_at <= ? and ${byName}c.status = 'active' and ${byExpiry}${EXPIRY} > ?`,
      dueBy,
      now,
    );
  }
  if (unusedSince !== undefined) {
    where(
      `${unless(sort === 'last-used')}u.last_used_at <= ? and ${unless(sort === 'created')}c.created_at <= ?`,
      unusedSince,
      unusedSince,
    );
  }
  if (search !== undefined) {
    const pattern = `%${search.toLowerCase().replaceAll(/[\\%_]/g, (mark) => `\\${mark}`)}%`;
    where(`(c.name_key like ? escape '\\' or c.description_key like ? escape '\\')`, pattern, pattern);
  }
  return conditions;
}

function among(table: string, condition: string, isChecked: boolean): string {
  return isChecked
    ? `exists (select 1 from ${table} where ${condition} and s.credential_id = +c.id)`
    : `c.id in (select s.credential_id from ${table} where ${condition})`;
}

/**
 * For each condition that an index could answer by itself, what it selects. What is in the order of a listing by name
 * already, and selected by an index with that order, needs none.
 */
export function selectionsOf(query: CredentialQuery): readonly Selection[] {
  const { now, sort, type, status, ownerId, scope, label, dueBy, unusedSince, search } = query;
  const selections: Selection[] = [];
  const add = (from: string, id: string, condition: string, ...parameters: readonly SqlValue[]): void => {
    selections.push({
      text: `select ${id} as id from ${from} where ${condition}`,
      counted: `select 1 from ${from} where ${condition}`,
      parameters,
    });
  };
  if (search !== undefined && isIndexed(search)) selections.push(textSelection(search));
  if (label !== undefined)
    add('credential_label', 'credential_id', 'key = ? and value = ?', label.key, label.value);
  if (scope !== undefined) add('credential_scope', 'credential_id', 'scope = ?', scope);
  if (dueBy !== undefined) add('credential', 'id', 'rotation_due_at <= ?', dueBy);
  if (status === 'expired' && sort !== 'expires') add('credential c', 'c.id', `${EXPIRY} <= ?`, now);
  if (unusedSince !== undefined && sort !== 'last-used')
    add('credential_use', 'credential_id', 'last_used_at <= ?', unusedSince);
  if (sort === 'name') return selections;
  if (ownerId !== undefined) add('credential', 'id', 'owner_id = ?', ownerId);
  if (status === 'inactive') add('credential', 'id', "status = 'inactive'");
  if (type !== undefined) add('credential', 'id', 'type = ?', type);
  return selections;
}

/** The index has three characters together, and ends a text at a NUL. */
function isIndexed(search: string): boolean {
  return [...search.toLowerCase()].length >= 3 && !search.includes('\0');
}

function textSelection(search: string): Selection {
  const matching = 'from credential_text t where t.credential_text match ?';
  return {
    text: `select c.id as id from credential_text t cross join credential c on c.rowid = t.rowid
      where t.credential_text match ?`,
    counted: `select 1 ${matching}`,
    parameters: [`"${search.toLowerCase().replaceAll('"', '""')}"`],
  };
}
