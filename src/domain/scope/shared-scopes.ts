import { type Catalog, formatResource, type Resource, type Scope } from './catalog.js';
import { GrantedScopes, placesAbove } from './granted-scopes.js';
import { presentScope } from './present-scopes.js';
import { formatScope } from './scope.js';

/**
 * Intersection of two lists of checked scopes, under today's ids, minimal and in plain string order: `data:users` for `data:*` and
 * `data:users`.
 */
export function sharedScopes(
  catalog: Catalog,
  some: readonly string[],
  others: readonly string[],
): readonly string[] {
  const present = (text: string): Scope => presentScope(catalog, text);
  const places = new PlacesOf(catalog, others.map(present));
  const common = new Map<string, Scope>();
  for (const one of some.map(present)) {
    for (const both of places.overlapsWith(one)) common.set(formatScope(both), both);
  }
  const wider = new GrantedScopes(catalog, common.values());
  return [...common.values()]
    .filter((scope) => !wider.coverBesides(scope))
    .map(formatScope)
    .sort();
}

/** Index of scopes by permission: the resources where each is held, and their ancestors. */
class PlacesOf {
  readonly #catalog: Catalog;
  readonly #permissions = new Map<string, Map<string, Places>>();

  constructor(catalog: Catalog, scopes: readonly Scope[]) {
    this.#catalog = catalog;
    for (const { api, permission, resource } of scopes) {
      const permissions = entry(this.#permissions, api, () => new Map<string, Places>());
      const { exact, below } = entry(permissions, permission, () => ({ exact: new Set(), below: new Map() }));
      const [own = null, ...above] = placesAbove(catalog, resource);
      exact.add(textOf(own));
      for (const each of above) entry(below, textOf(each), () => []).push(own);
    }
  }

  /** The widest scopes covered both by `one` and by the index. */
  overlapsWith(one: Scope): readonly Scope[] {
    const permissions = this.#permissions.get(one.api) ?? new Map<string, Places>();
    const common = one.permission === '*' ? [...permissions.keys()] : [one.permission, '*'];
    return common.flatMap((held) => {
      const places = permissions.get(held);
      if (places === undefined) return [];
      const permission = one.permission === '*' ? held : one.permission;
      const isCovered = placesAbove(this.#catalog, one.resource).some((each) =>
        places.exact.has(textOf(each)),
      );
      const resources = isCovered ? [one.resource] : (places.below.get(textOf(one.resource)) ?? []);
      return resources.map((resource) => ({ api: one.api, permission, resource }));
    });
  }
}

interface Places {
  readonly exact: Set<string>;
  /** Scopes held on descendants of a resource, by that resource's text. */
  readonly below: Map<string, (Resource | null)[]>;
}

function textOf(resource: Resource | null): string {
  return resource === null ? '' : formatResource(resource);
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
