import { CredctlError } from '../../domain/errors.js';
import type { SqlValue } from '../sql/connection.js';

/** The numbers of these types (`pg_type.oid`) in PostgreSQL's catalog. */
const [INT8, INT2, INT4, NUMERIC] = [20, 21, 23, 1700];

/** A character that can be in no stored text: what stands for it in a question finds nothing. */
const NOWHERE = '\u{10ffff}';

/** Words before a parenthesis that are none of a function, or of one that SQL itself gives a form of its own. */
const SYNTAX =
  '(?:all|any|array|cast|check|coalesce|exists|extract|filter|greatest|in|key|least|nullif|operator|over|row|some|using|values)';

/** Texts, names in quotation marks, parameters, and functions that are called without their schema. */
const PARTS = new RegExp(`'[^']*'|"[^"]*"|\\?|(?<![\\w.])(?!${SYNTAX}\\()[a-z_]\\w*(?=\\()`, 'g');

/**
 * Writes portable SQL the way PostgreSQL wants it: parameters as `$1`, `$2`, … in place of `?`, and functions by their
 * schema, so that none is found in another one.
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

/** A name of any characters as SQL takes it. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Parameters of a question. PostgreSQL has no text with a NUL in it, so that nothing it holds can equal one.
 */
export function queryParameters(parameters: readonly SqlValue[]): readonly SqlValue[] {
  return parameters.map((value) =>
    typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', NOWHERE) : value,
  );
}

/** @throws CredctlError `usage` for a text that PostgreSQL cannot hold */
export function assertNoNul(parameters: readonly SqlValue[]): readonly SqlValue[] {
  if (!parameters.some((value) => typeof value === 'string' && value.includes('\0'))) return parameters;
  throw new CredctlError('usage', 'a text with a NUL character cannot be stored', {
    hint: 'leave the character out',
  });
}

/** Reads numbers as numbers; all else stays the text that PostgreSQL writes. */
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
    hint: "run 'credctl store check' to see what else is damaged",
  });
}
