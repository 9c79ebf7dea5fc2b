import { CredctlError } from '../errors.js';
import type { Catalog, Scope } from './catalog.js';
import { aliasesIn, underPresentId } from './catalog-index.js';
import { formatScope, parseScope, withoutSwallowed } from './scope.js';

/**
 * Scopes as they are today. A store keeps the text under which a scope was granted; this is the one place where an
 * alias in it becomes today's id of the API, done when a credential is read, so that every comparison after that
 * is of today's ids. Scopes that become the same are one, and `<api>:*` swallows.
 *
 * @param stored scopes that were checked against some catalog
 * @returns `stored` itself where none is under an alias
 */
export function presentScopes(catalog: Catalog, stored: readonly string[]): readonly string[] {
  const aliases = aliasesIn(catalog);
  if (aliases.size === 0 || !stored.some((text) => aliases.has(apiOf(text)))) return stored;
  return withoutSwallowed(
    catalog,
    stored.map((text) => presentScope(catalog, text)),
  );
}

/**
 * The scopes of a credential as they are today, with the stored texts where those differ.
 *
 * @param catalog null where it is known to have no aliases
 * @throws CredctlError `integrity` where aliases have to be replaced beside what is no scope
 */
export function scopesOfStored(
  catalog: Catalog | null,
  stored: readonly string[],
): { readonly scopes: readonly string[]; readonly storedScopes?: readonly string[] } {
  const scopes = catalog === null ? stored : readable(() => presentScopes(catalog, stored));
  return scopes === stored ? { scopes } : { scopes, storedScopes: stored };
}

/** Parses a stored scope under today's id of its API. */
export function presentScope(catalog: Catalog, text: string): Scope {
  return underPresentId(catalog, parseScope(text));
}

/**
 * The texts to store for scopes of today: a scope that was stored under an alias keeps that text, so that the audit
 * trail tells of no change where there is none.
 *
 * @param wanted scopes under today's ids
 * @param stored scopes as stored so far
 */
export function scopesToStore(
  catalog: Catalog,
  wanted: readonly string[],
  stored: readonly string[],
): readonly string[] {
  if (presentScopes(catalog, stored) === stored) return wanted;
  const texts = new Map(stored.map((text) => [formatScope(presentScope(catalog, text)), text]));
  return wanted.map((text) => texts.get(text) ?? text).sort();
}

/**
 * Scopes of a token, each under an id of its API under which the client's stored scopes have its permission or `*`:
 * the functions of a database compare texts with what is stored.
 *
 * @param scopes held scopes under today's ids
 * @param stored the client's scopes as stored
 */
export function underStoredIds(
  catalog: Catalog,
  scopes: readonly string[],
  stored: readonly string[],
): readonly string[] {
  if (presentScopes(catalog, stored) === stored) return scopes;
  const held = new Map<string, string>();
  for (const text of stored) {
    const { api, permission } = presentScope(catalog, text);
    const key = `${api}:${permission}`;
    if (!held.has(key) || apiOf(text) === api) held.set(key, apiOf(text));
  }
  return scopes.map((text) => {
    const scope = parseScope(text);
    const { api, permission } = scope;
    const id = held.get(`${api}:${permission}`) ?? held.get(`${api}:*`) ?? api;
    return formatScope({ ...scope, api: id });
  });
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof CredctlError) || cause.code !== 'usage') throw cause;
    throw new CredctlError('integrity', 'the store holds an unreadable list of scopes', {
      hint: "run 'credctl store check' to see all damage",
      cause,
    });
  }
}

function apiOf(text: string): string {
  return text.slice(0, text.indexOf(':'));
}
