import { maskSecrets } from '../domain/secret/secret-format.js';

/** Upper bound in characters of a path in the log. */
const MOST_SHOWN = 200;

/** Letters of both cases and digits, in a row as long as no word is: tokens and keys of any program. */
const TELLING = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w~.%+=-]{20,}$/;

/** Longer than any segment that a person types. */
const LONG_SEGMENT = 64;

/**
 * The path of a request target for the log: without query, authority and what looks like a secret, which a client may
 * have put into the path by mistake.
 */
export function shownPath(target: string): string {
  const path = target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  const shown = path.split('/').map(shownSegment).join('/');
  return shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)}…` : shown;
}

function shownSegment(segment: string): string {
  const plain = decoded(segment);
  const isTelling =
    segment.length > LONG_SEGMENT ||
    TELLING.test(plain) ||
    maskSecrets(plain) !== plain ||
    plain.includes(':');
  return isTelling ? '…' : segment;
}

/** Decoded twice: a path may have been encoded as a whole. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(decodeURIComponent(text));
  } catch {
    return text;
  }
}
