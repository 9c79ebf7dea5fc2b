import type { TypedQuery } from '../../../domain/ports/store-port.js';
import type { Condition, Listing, Selection } from './terms.js';

type LabelStart = NonNullable<TypedQuery['labelStart']>;

/** Sorts after every character that may follow. */
const LAST_CHARACTER = '\u{10ffff}';

/** What scopes must begin with: an API of a listing is one, with its colon. */
export function scopeStartsOf({ apis, scopeStarts }: Listing): readonly string[] | null {
  return scopeStarts ?? apis?.map((id) => `${id}:`) ?? null;
}

/** The credentials with a scope that begins so: a range of the index for each. */
export function ofScopeStarts(starts: readonly string[]): Selection {
  const range = 'select r.credential_key from credential_scope r where r.scope >= ? and r.scope < ?';
  return {
    column: 't.credential_key',
    from: `from (${starts.map(() => range).join(' union all ')}) t`,
    parameters: starts.flatMap((start) => [start, `${start}${LAST_CHARACTER}`]),
    isRepeating: true,
  };
}

/** Searches the list of scopes as text, in which no scope contains a quotation mark. */
export function listsScopeStart(starts: readonly string[]): Condition {
  return anyOf(
    'c.scopes',
    starts.map((start) => `"${start}`),
  );
}

/** The credentials with a label that begins so: a range of the index, whose first columns are key and value. */
export function ofLabelStart({ key, value }: LabelStart): Selection {
  const condition =
    value === null ? 's.key >= ? and s.key < ?' : 's.key = ? and s.value >= ? and s.value < ?';
  const start = value ?? key;
  return {
    column: 's.credential_key',
    from: `from credential_label s where ${condition}`,
    parameters: [...(value === null ? [] : [key]), start, `${start}${LAST_CHARACTER}`],
    isRepeating: true,
  };
}

/**
 * Searches the labels as text: the index has no order by credential. JSON escapes a quotation mark in a value, so one
 * after a brace or a comma begins a key.
 */
export function listsLabelStart({ key, value }: LabelStart): Condition {
  if (value !== null) return anyOf('c.labels', [`"${key}":"${JSON.stringify(value).slice(1, -1)}`]);
  return anyOf('c.labels', [`{"${key}`, `,"${key}`]);
}

/**
 * Whether a column contains one of the texts, by exact case as in the indexes: SQLite's LIKE ignores the case of ASCII
 * letters, and the engines have no other function for it in common.
 */
function anyOf(column: string, texts: readonly string[]): Condition {
  return {
    text: `(${texts.map(() => `replace(${column}, ?, '') <> ${column}`).join(' or ')})`,
    parameters: texts,
  };
}
