import type { Catalog } from './catalog.js';
import { covers, formatScope, parseScope, type Scope } from './scope.js';

/**
 * What both of two lists of scopes cover, written with the fewest scopes and in plain string order: of `data:*` and
 * `data:users`, that is `data:users`. Both are taken as checked.
 */
export function sharedScopes(
  catalog: Catalog,
  some: readonly string[],
  others: readonly string[],
): readonly string[] {
  const common = new Map<string, Scope>();
  for (const one of some.map(parseScope)) {
    for (const other of others.map(parseScope)) {
      const both = overlap(catalog, one, other);
      if (both !== null) common.set(formatScope(both), both);
    }
  }
  const scopes = [...common.values()];
  return scopes
    .filter((scope) => !scopes.some((wider) => wider !== scope && covers(catalog, wider, scope)))
    .map(formatScope)
    .sort();
}

/** The one scope that both cover and that covers all else that they do; null when there is nothing. */
function overlap(catalog: Catalog, one: Scope, other: Scope): Scope | null {
  const permission = one.permission === '*' ? other.permission : one.permission;
  const candidates = [one.resource, other.resource].map((resource) => ({ ...one, permission, resource }));
  return candidates.find((each) => covers(catalog, one, each) && covers(catalog, other, each)) ?? null;
}
