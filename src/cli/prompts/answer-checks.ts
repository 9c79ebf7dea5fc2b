import { neverReceived } from '../../domain/credential/rotation.js';
import { parseDuration, parseInstant } from '../../domain/duration.js';
import { CredctlError } from '../../domain/errors.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { parseDescription, parseName } from '../../domain/text/name.js';
import { quote } from '../../domain/text/quote.js';
import type { LineOptions } from './prompts.js';

/** Checks of a credential's name: by the grammar as it is typed, against the store in the end. */
export function nameChecks(
  store: Pick<StoreReader, 'findCredential'>,
  ownId: string | null,
): Pick<LineOptions, 'check' | 'accept'> {
  return {
    check: (text) => problemOf(() => parseName('credential', text)),
    accept: async (text) => {
      const holder = await store.findCredential(text);
      if (holder === null || holder.id === ownId) return null;
      // A create that was cut off does not hold its name for another create.
      if (ownId === null && neverReceived(holder.versions)) return null;
      return `the name ${quote(holder.name)} is taken`;
    },
  };
}

/**
 * The time that an answer stands for: a duration from now, or a time (RFC 3339); null for none.
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

/** Whether an expiry is given as a duration from now. */
export function isCounted(text: string): boolean {
  return text !== '' && !text.includes(':');
}

/** A description on one line, to be edited: a line feed appears as `\n`, a backslash as two. */
export function descriptionLine(description: string): string {
  return description.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** The description that {@link descriptionLine} shows. @throws CredctlError `usage` */
export function descriptionFrom(line: string): string {
  return parseDescription(line.replaceAll(/\\([\\n])/g, (_, character) => (character === 'n' ? '\n' : '\\')));
}

/** What a parser says of a text, or null when it takes it. */
export function problemOf(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') return fault.message;
    throw fault;
  }
}
