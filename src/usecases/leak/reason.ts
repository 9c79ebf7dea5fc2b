import { MAX_TEXT_LENGTH } from '../../domain/text/name.js';

/** A text of others as the reason of an event: without characters that no reason may have, and cut to its length. */
export function asReason(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cs}\ufffd]/gu, '?');
  return [...line].slice(0, MAX_TEXT_LENGTH).join('');
}
