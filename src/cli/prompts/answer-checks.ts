import { neverReceived } from '../../domain/credential/rotation.js';
import { parseDuration, parseInstant } from '../../domain/duration.js';
import { CredctlError } from '../../domain/errors.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { parseDescription, parseName } from '../../domain/text/name.js';
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

/**
 * Parses an expiry: a duration from now, or a time (RFC 3339); null for an empty text.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `usage`
 */
export function expiryFrom(text: string, now: number): number | null {
  if (text === '') return null;
  if (isCounted(text)) return now + parseDuration(text).ms;
  const at = parseInstant(text);
  if (at > now) return at;
  throw new CredctlError('usage', `${quote(text)} has passed already`, { hint: 'give a time in the future' });
}

/** Whether an expiry is a duration from now. */
export function isCounted(text: string): boolean {
  return text !== '' && !text.includes(':');
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
