import { CredctlError } from '../errors.js';
import { parseScope } from './scope.js';

/** Scopes that a client asks for at once at most, which is more than anybody holds, and the characters of each. */
export const MOST_ASKED_SCOPES = 200;
export const LONGEST_SCOPE = 512;

/** Characters of the JSON of a list that a client asked for, at most. */
export const LONGEST_ASKED_LIST = MOST_ASKED_SCOPES * (LONGEST_SCOPE + '"",'.length) + '[]'.length;

/** Characters of the JSON of any list of an access token, one for all that its client holds included. */
export const LONGEST_LIST = 1_048_576;

/** Reads the stored scopes of a token. @returns null for what no token is issued with */
export function readTokenScopes(stored: unknown): readonly string[] | null {
  if (typeof stored !== 'string' || stored.length > LONGEST_LIST) return null;
  try {
    const list: unknown = JSON.parse(stored);
    return Array.isArray(list) && list.length > 0 && list.every(isScope) ? list : null;
  } catch (fault) {
    if (fault instanceof SyntaxError) return null;
    throw fault;
  }
}

function isScope(entry: unknown): entry is string {
  if (typeof entry !== 'string' || entry.length > LONGEST_SCOPE) return false;
  try {
    parseScope(entry);
    return true;
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') return false;
    throw fault;
  }
}
