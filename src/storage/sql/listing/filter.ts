import type { CredentialQuery } from '../../../domain/ports/store-port.js';
import { LAST_TIME } from '../../schema/tables.js';
import { placeholders, type SqlValue } from '../connection.js';
import { hasRetiring, ofRetiring } from './retiring.js';
import { listsLabelStart, listsScopeStart, ofLabelStart, ofScopeStarts, scopeStartsOf } from './starts.js';
import type { Condition, Listing, Selection } from './terms.js';

/** Sorts after every expiry. */
export const NEVER = Number.MAX_SAFE_INTEGER;
/** The expiry as a sort key, spelled as in the index. */
export const EXPIRY = `coalesce(c.expires_at, ${NEVER})`;

/**
 * The conditions of a listing.
 *
 * @param isChecked whether the conditions only filter rows found otherwise: SQLite uses no index for a term
 *   prefixed with a unary plus
 * @param isApiChecked the same of the condition on the starts of scopes alone
 */
export function conditionsOf(
  query: Listing,
  isChecked: boolean,
  isApiChecked: boolean,
): readonly Condition[] {
  const { now, sort, type, ownerId, scopes, label, labelStart, dueBy } = query;
  const { unusedSince, usedAfter, search, ofHandle, isRetiring } = query;
  const starts = scopeStartsOf(query);
  const status = query.status ?? (dueBy === undefined ? undefined : 'active');
  const conditions: Condition[] = [];
  const where = (text: string, ...parameters: readonly SqlValue[]): void => {
    conditions.push({ text, parameters });
  };
  const unless = (isFinding: boolean): string => (isChecked && !isFinding ? '+' : '');
  // The indexes on these three columns are in the order of names.
  const byName = unless(sort === 'name');
  const byExpiry = unless(sort === 'expires');
  if (type !== undefined) where(`${byName}c.type = ?`, type);
  if (ownerId !== undefined) where(`${byName}c.owner_id = ?`, ownerId);
  if (status !== undefined) {
    where(`${byName}c.status = '${status === 'inactive' ? 'inactive' : 'active'}'`);
  }
  // Null in the schema before 5.
  if (status === 'active') where('coalesce(c.canary, 0) = 0');
  if (status === 'canary') where(`${unless(false)}c.canary = 1`);
  if (status === 'owner_inactive') where(isChecked ? CHECKED_OWNER_INACTIVE : OWNER_INACTIVE);
  if (status === 'active' || status === 'canary' || status === 'expired') {
    where(`${OWNER_ACTIVE} and ${byExpiry}${EXPIRY} ${status === 'expired' ? '<=' : '>'} ?`, now);
  }
  for (const any of scopes) where(among('credential_scope s', oneOf(any), isChecked), ...any);
  if (starts !== null)
    conditions.push(isApiChecked ? listsScopeStart(starts) : within(ofScopeStarts(starts)));
  if (label !== undefined) {
    where(among('credential_label s', 's.key = ? and s.value = ?', isChecked), label.key, label.value);
  }
  if (labelStart !== undefined) {
    conditions.push(isChecked ? listsLabelStart(labelStart) : within(ofLabelStart(labelStart)));
  }
  if (isRetiring === true) {
    conditions.push(isChecked ? hasRetiring(now) : within(ofRetiring(now)));
  }
  if (dueBy !== undefined) where(`${unless(false)}c.rotation_due_at <= ?`, dueBy);
  if (unusedSince !== undefined) {
    // A term that can be true for a missing row keeps SQLite from turning the outer join around and starting with
    // the uses.
    const lastUse = isChecked && sort !== 'last-used' ? 'coalesce(u.last_used_at, 0)' : 'u.last_used_at';
    where(`${lastUse} <= ? and ${unless(sort === 'created')}c.created_at <= ?`, unusedSince, unusedSince);
  }
  if (usedAfter !== undefined) {
    // As above; 0 means never used, and what is beyond the last time is no time.
    const lastUse = isChecked && sort !== 'last-used' ? 'coalesce(u.last_used_at, 0)' : 'u.last_used_at';
    where(`${lastUse} > ? and ${lastUse} <= ${LAST_TIME}`, Math.max(0, usedAfter));
  }
  const ends = expiryRange(query);
  if (ends !== null) where(`${byExpiry}${EXPIRY} between ? and ?`, ...ends);
  if (search !== undefined) {
    const [handle, ...key] = ofHandle === undefined ? [''] : [' or c.key = ?', ofHandle];
    where(`(${CONTAINS}${handle})`, pattern(search), pattern(search), ...key);
  }
  return conditions;
}

/** The first and the last end that a query asks for; null when it takes any, and none. */
function expiryRange({ expiresFrom, expiresBy }: CredentialQuery): readonly [number, number] | null {
  if (expiresFrom === undefined && expiresBy === undefined) return null;
  return [expiresFrom ?? 0, expiresBy ?? NEVER - 1];
}

/** By the joined owner `o`, which costs a look-up that the page makes anyway. A credential may have none. */
const OWNER_ACTIVE = `(c.owner_id is null or o.status = 'active')`;
const OWNER_INACTIVE = `o.status = 'inactive'`;
/** Strength reduction: a bare comparison lets SQLite make the outer join an inner one and start with the owners. */
const CHECKED_OWNER_INACTIVE = `coalesce(o.status, '') = 'inactive'`;

function within({ from, column, parameters }: Selection): Condition {
  return { text: `c.key in (select ${column} ${from})`, parameters };
}

function among(table: string, condition: string, isChecked: boolean): string {
  return isChecked
    ? `exists (select 1 from ${table} where ${condition} and s.credential_key = +c.key)`
    : `c.key in (select s.credential_key from ${table} where ${condition})`;
}

/**
 * For each condition that one index can answer, its selection. A listing by name needs none for the columns whose
 * index is in the order of names already.
 */
export function selectionsOf(query: Listing): readonly Selection[] {
  const { now, sort, type, status, ownerId, scopes, label, labelStart, dueBy } = query;
  const { unusedSince, search, ofHandle, isRetiring } = query;
  const starts = scopeStartsOf(query);
  const selections: Selection[] = [];
  const add = (column: string, from: string, ...parameters: readonly SqlValue[]) => {
    selections.push({ from, parameters, column });
  };
  const own = (condition: string, ...values: readonly SqlValue[]): void =>
    add('c.key', `from credential c where ${condition}`, ...values);
  if (search !== undefined && isIndexed(search)) {
    const [handle, ...key] = ofHandle === undefined ? [''] : [OF_HANDLE, ofHandle];
    const phrase = `"${search.toLowerCase().replaceAll('"', '""')}"`;
    add('t.key', `from (${NAMED}${handle}) t`, phrase, pattern(search), pattern(search), ...key);
  }
  if (label !== undefined) {
    const from = 'from credential_label s where s.key = ? and s.value = ?';
    add('s.credential_key', from, label.key, label.value);
  }
  for (const any of scopes) {
    selections.push({
      column: 's.credential_key',
      from: `from credential_scope s where ${oneOf(any)}`,
      parameters: any,
      isRepeating: any.length > 1,
    });
  }
  if (starts !== null) selections.push(ofScopeStarts(starts));
  if (labelStart !== undefined) selections.push(ofLabelStart(labelStart));
  if (isRetiring === true) selections.push(ofRetiring(now));
  if (dueBy !== undefined) own('c.rotation_due_at <= ?', dueBy);
  const ends = expiryRange(query);
  if (ends !== null && sort !== 'expires') own(`${EXPIRY} between ? and ?`, ...ends);
  if (status === 'expired' && sort !== 'expires') own(`${EXPIRY} <= ?`, now);
  if (status === 'canary') own('c.canary = 1');
  if (status === 'owner_inactive' && ownerId === undefined) add('c.key', OF_INACTIVE_OWNERS);
  if (unusedSince !== undefined && sort !== 'last-used') {
    add('u.credential_key', 'from last_use u where u.number = 0 and u.last_used_at <= ?', unusedSince);
  }
  if (sort === 'name') return selections;
  if (ownerId !== undefined) own('c.owner_id = ?', ownerId);
  if (status === 'inactive') own('c.status = ?', status);
  if (type !== undefined) own('c.type = ?', type);
  return selections;
}

function oneOf(scopes: readonly string[]): string {
  return scopes.length === 1 ? 's.scope = ?' : `s.scope in (${placeholders(scopes.length)})`;
}

/** A scan of the owners, whose status has no index: a thousand take 0.04 ms. */
const OF_INACTIVE_OWNERS = `from credential c
  where c.owner_id in (select p.id from owner p where p.status = 'inactive')`;

const CONTAINS = `c.name_key like ? escape '\\' or c.description_key like ? escape '\\'`;

/** The newest credentials are added to the trigram index in batches; until then they are scanned. */
const NAMED = `select f.rowid as key from credential_text f where f.credential_text match ?
  union all select c.key from credential c where c.key > (select reaches from text_index where id = 1) and (${CONTAINS})`;

/** No duplicate: a text of the credential may have the handle in it as well. */
const OF_HANDLE = ' union select c.key from credential c where c.key = ?';

function pattern(search: string): string {
  return `%${search.toLowerCase().replaceAll(/[\\%_]/g, (mark) => `\\${mark}`)}%`;
}

/** A trigram index needs at least three characters, and FTS5 ends a text at a NUL. */
function isIndexed(search: string): boolean {
  return [...search.toLowerCase()].length >= 3 && !search.includes('\0');
}
