import { type Catalog, formatResource, type Scope } from './catalog.js';
import { findApi } from './catalog-index.js';
import { parseScope } from './scope.js';

/**
 * Scopes in a few words, one an API and resource: `data 4/5` for four of its five permissions, `events *` for all by
 * `*`, `orders *@bergen` on a resource. A resource is called by its id, and by level and id where the scopes name it at
 * several levels. The total is left out of an API that the catalog lacks; a text that is no scope stands as it is.
 */
export function scopesInShort(catalog: Catalog, scopes: readonly string[]): readonly string[] {
  const groups = new Map<string, { readonly of: Scope; readonly permissions: Set<string> } | null>();
  for (const text of scopes) {
    const of = parsed(text);
    if (of === null) {
      groups.set(text, null);
      continue;
    }
    const key = of.resource === null ? of.api : `${of.api}@${formatResource(of.resource)}`;
    const group = groups.get(key) ?? { of, permissions: new Set() };
    group.permissions.add(of.permission);
    groups.set(key, group);
  }
  const named = [...groups.values()].flatMap((group) => group?.of.resource ?? []);
  const isAmbiguous = ({ level, id }: NonNullable<Scope['resource']>): boolean =>
    named.some((other) => other.id === id && other.level !== level);
  return [...groups].map(([text, group]) => {
    if (group === null) return text;
    const { api, resource } = group.of;
    const held = heldOf(catalog, api, group.permissions);
    if (resource === null) return `${api} ${held}`;
    return `${api} ${held}@${isAmbiguous(resource) ? formatResource(resource) : resource.id}`;
  });
}

function heldOf(catalog: Catalog, id: string, permissions: ReadonlySet<string>): string {
  if (permissions.has('*')) return '*';
  const api = findApi(catalog, id);
  return api === null ? String(permissions.size) : `${permissions.size}/${api.permissions.length}`;
}

/** A store that was tampered with may hold anything. */
function parsed(text: string): Scope | null {
  try {
    return parseScope(text);
  } catch {
    return null;
  }
}
