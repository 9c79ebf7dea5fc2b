import { CredctlError } from '../errors.js';
import { parseScope } from './scope.js';

/** Maximum number of scopes in a token request. */
export const MOST_ASKED_SCOPES = 200;
/** Maximum length of a scope in a token request, in characters. */
export const LONGEST_SCOPE = 512;

/** Maximum length of the JSON of a requested scope list, in characters. */
export const LONGEST_ASKED_LIST = MOST_ASKED_SCOPES * (LONGEST_SCOPE + '"",'.length) + '[]'.length;

/**
 * Maximum length of the JSON of any token's scope list, in characters, including one for all scopes of its
 * client.
 */
export const LONGEST_LIST = 1_048_576;

/**
 * Parses the stored scopes of a token.
 *
 * @returns null for a value that no token is issued with
 */
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
