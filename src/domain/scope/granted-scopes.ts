import { type Catalog, formatResource, type Resource, type Scope } from './catalog.js';
import { ancestors } from './catalog-index.js';

/**
 * Scopes that are held, to be asked about any number of times: `*` covers every permission of its API, and a scope on a
 * resource covers everything below it. An answer takes a few look-ups, however many there are.
 */
export class GrantedScopes {
  readonly #catalog: Catalog;
  readonly #held: ReadonlySet<string>;

  /** @param scopes checked against the catalog */
  constructor(catalog: Catalog, scopes: Iterable<Scope>) {
    this.#catalog = catalog;
    this.#held = new Set(Array.from(scopes, keyOf));
  }

  /** Whether one of them covers the scope. */
  cover(wanted: Scope): boolean {
    return this.#held.has(keyOf(wanted)) || this.coverBesides(wanted);
  }

  /** Whether one of them covers the scope that is not the very same. */
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

/** A resource and what lies above it; without a resource, that alone. */
export function placesAbove(catalog: Catalog, resource: Resource | null): readonly (Resource | null)[] {
  return resource === null ? [null] : [resource, ...ancestors(catalog, resource.level, resource.id)];
}

function keyOf({ api, permission, resource }: Scope): string {
  return `${api}:${permission}@${resource === null ? '' : formatResource(resource)}`;
}
