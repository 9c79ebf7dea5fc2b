import { type Catalog, formatResource, type Resource, type Scope } from './catalog.js';
import { GrantedScopes, placesAbove } from './granted-scopes.js';
import { formatScope, parseScope } from './scope.js';

/**
 * What both of two lists of scopes cover, written with the fewest scopes and in plain string order: of `data:*` and
 * `data:users`, that is `data:users`. Both are taken as checked.
 */
export function sharedScopes(
  catalog: Catalog,
  some: readonly string[],
  others: readonly string[],
): readonly string[] {
  const places = new PlacesOf(catalog, others.map(parseScope));
  const common = new Map<string, Scope>();
  for (const one of some.map(parseScope)) {
    for (const both of places.overlapsWith(one)) common.set(formatScope(both), both);
  }
  const wider = new GrantedScopes(catalog, common.values());
  return [...common.values()]
    .filter((scope) => !wider.coverBesides(scope))
    .map(formatScope)
    .sort();
}

/** Where each permission of an API is held: exactly there, and below what. */
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

  /** The widest scopes that are covered by a scope and by one of these. */
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
  /** Held below a resource, by that resource's text. */
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
