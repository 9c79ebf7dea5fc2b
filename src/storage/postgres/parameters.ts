import { CredctlError } from '../../domain/errors.js';
import type { SqlValue } from '../sql/connection.js';

/** OIDs of these types (`pg_type.oid`). */
const [INT8, INT2, INT4, NUMERIC] = [20, 21, 23, 1700];

/** A character that no stored text contains, so a comparison with it matches nothing. */
const NOWHERE = '\u{10ffff}';

/** Words before a parenthesis that are keywords, or functions with a syntax of their own. */
const SYNTAX =
  '(?:all|any|array|cast|check|coalesce|exists|extract|filter|greatest|in|key|least|nullif|operator|over|row|some|using|values)';

/** Literals, quoted identifiers, parameters, and unqualified function calls. */
const PARTS = new RegExp(`'[^']*'|"[^"]*"|\\?|(?<![\\w.])(?!${SYNTAX}\\()[a-z_]\\w*(?=\\()`, 'g');

/**
 * Translates portable SQL to PostgreSQL: `?` becomes `$1`, `$2`, …, and functions are qualified with `pg_catalog`,
 * so that none is resolved in another schema.
 */
export function toPositional(text: string): string {
  let count = 0;
  return text.replace(PARTS, (part) => {
    if (part.startsWith("'") || part.startsWith('"')) return part;
    if (part !== '?') return `pg_catalog.${part}`;
    count += 1;
    return `$${count}`;
  });
}

/** A name quoted as an SQL identifier. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Parameters of a query. PostgreSQL's texts hold no NUL, so a parameter with one must match nothing. */
export function queryParameters(parameters: readonly SqlValue[]): readonly SqlValue[] {
  return parameters.map((value) =>
    typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', NOWHERE) : value,
  );
}

/**
 * Parameters of a write.
 *
 * @throws CredctlError `usage` for a text with a NUL, which PostgreSQL cannot store
 */
export function assertNoNul(parameters: readonly SqlValue[]): readonly SqlValue[] {
  if (!parameters.some((value) => typeof value === 'string' && value.includes('\0'))) return parameters;
  throw new CredctlError('usage', 'PostgreSQL cannot store a text with a NUL character', {
    hint: 'remove the character',
  });
}

/** Type parsers of the driver: integers and numerics become numbers, everything else stays text. */
export const VALUE_PARSERS = {
  getTypeParser: (type: number) =>
    type === INT8 || type === NUMERIC ? wholeNumber : type === INT4 || type === INT2 ? Number : asText,
};

function asText(text: string): string {
  return text;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new CredctlError('integrity', 'the store holds an unreadable number', {
    hint: "run 'credctl store check' to see all damage",
  });
}
