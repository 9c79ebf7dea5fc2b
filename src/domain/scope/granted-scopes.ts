import { type Catalog, formatResource, type Resource, type Scope } from './catalog.js';
import { ancestors } from './catalog-index.js';

/**
 * A set of held scopes for coverage queries: `*` covers every permission of its API, a scope on a resource
 * covers its descendants. A query takes a few hash lookups, independent of the size.
 */
export class GrantedScopes {
  readonly #catalog: Catalog;
  readonly #held: ReadonlySet<string>;

  /** @param scopes checked against the catalog */
  constructor(catalog: Catalog, scopes: Iterable<Scope>) {
    this.#catalog = catalog;
    this.#held = new Set(Array.from(scopes, keyOf));
  }

  /** Whether a held scope covers this one. */
  cover(wanted: Scope): boolean {
    return this.#held.has(keyOf(wanted)) || this.coverBesides(wanted);
  }

  /** Whether a held scope other than the identical one covers it. */
  coverBesides(wanted: Scope): boolean {
    const places = placesAbove(this.#catalog, wanted.resource);
    for (const permission of new Set([wanted.permission, '*'])) {
      for (const resource of places) {
        const isSame = permission === wanted.permission && resource === wanted.resource;
        if (!isSame && this.#held.has(keyOf({ ...wanted, permission, resource }))) return true;
      }
    }
    return false;
  }
}

/** A resource followed by its ancestors; `[null]` without a resource. */
export function placesAbove(catalog: Catalog, resource: Resource | null): readonly (Resource | null)[] {
  return resource === null ? [null] : [resource, ...ancestors(catalog, resource.level, resource.id)];
}

function keyOf({ api, permission, resource }: Scope): string {
  return `${api}:${permission}@${resource === null ? '' : formatResource(resource)}`;
}
