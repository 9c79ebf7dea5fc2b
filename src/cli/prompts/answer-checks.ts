import { neverReceived } from '../../domain/credential/rotation.js';
import { parseDuration, parseInstant } from '../../domain/duration.js';
import { CredctlError, usageError } from '../../domain/errors.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { parseDescription, parseLabel, parseName } from '../../domain/text/name.js';
import { quote } from '../../domain/text/quote.js';
import type { LineOptions } from './prompts.js';

/** Checks of a credential's name: its grammar while typing, the store on submission. */
export function nameChecks(
  store: Pick<StoreReader, 'findCredential'>,
  ownId: string | null,
): Pick<LineOptions, 'check' | 'accept'> {
  return {
    check: (text) => problemOf(() => parseName('credential', text)),
    accept: async (text) => {
      const holder = await store.findCredential(text);
      if (holder === null || holder.id === ownId) return null;
      // An interrupted create does not reserve its name.
      if (ownId === null && neverReceived(holder.versions)) return null;
      return `the name ${quote(holder.name)} is taken`;
    },
  };
}

/** A time in the form that an expiry has. */
export const EXAMPLE_TIME = '2030-01-31T12:00:00Z';

const LIKE_AN_INSTANT = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/i;

/**
 * Parses an expiry: a duration from now, or a time (RFC 3339); null for an empty text.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `usage`
 */
export function expiryFrom(text: string, now: number): number | null {
  if (text === '') return null;
  if (isCounted(text)) return now + parseDuration(text).ms;
  if (!LIKE_AN_INSTANT.test(text)) {
    throw usageError(
      `${quote(text)} is neither a duration, such as 90d, nor a time, such as ${EXAMPLE_TIME}`,
      'give one of them',
    );
  }
  const at = parseInstant(text);
  if (at > now) return at;
  throw new CredctlError('usage', `${quote(text)} has passed already`, { hint: 'give a time in the future' });
}

/** Whether an expiry is a duration from now. */
export function isCounted(text: string): boolean {
  return /^\d+[smhdw]$/.test(text);
}

/** Escapes a description for a one-line editor: a line feed as `\n`, a backslash as two. */
export function descriptionLine(description: string): string {
  return description.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/**
 * The inverse of {@link descriptionLine}.
 *
 * @throws CredctlError `usage`
 */
export function descriptionFrom(line: string): string {
  return parseDescription(line.replaceAll(/\\([\\n])/g, (_, character) => (character === 'n' ? '\n' : '\\')));
}

/** Labels in one editable line: `env=prod, team=x`. In a value, a comma, a backslash
 * and a space at its end are escaped by a backslash. */
export function labelsLine(labels: ReadonlyMap<string, string>): string {
  return [...labels].map(([key, value]) => `${key}=${value.replaceAll(/[\\,]| $/g, '\\$&')}`).join(', ');
}

/**
 * The inverse of {@link labelsLine}.
 *
 * @throws CredctlError `usage`
 */
export function labelsFrom(line: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const part of line.match(/(?:\\[\s\S]|[^,])+/g) ?? []) {
    const text = part.trimStart().replace(/(?<!\\) +$/, '');
    if (text === '') continue;
    const { key, value } = parseLabel(text.replaceAll(/\\([\\, ])/g, '$1'));
    if (labels.has(key))
      throw usageError(`the label ${quote(key)} is given twice`, 'give each label only once');
    labels.set(key, value);
  }
  return labels;
}

/** The message of a usage error, or null when the parser accepts the text. */
export function problemOf(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') return fault.message;
    throw fault;
  }
}
