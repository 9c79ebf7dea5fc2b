import { usageError } from '../errors.js';
import { didYouMean, nearest } from '../text/nearest.js';
import { quote } from '../text/quote.js';
import { type Api, allApis, type Catalog, type Scope } from './catalog.js';
import { findApi } from './catalog-index.js';
import { placesAbove } from './granted-scopes.js';
import { presentScope } from './present-scopes.js';
import { formatScope, parseRequirement } from './scope.js';

/** Filters of a listing by scopes; each takes the ids of APIs and their aliases. */
export interface ScopeFilters {
  /** Holds any scope of this API. */
  readonly api?: string;
  /** Holds exactly this scope. */
  readonly scope?: string;
  /** May do this: by the scope, by `*` of its API, or by either on a resource above. */
  readonly can?: string;
}

/** The same filters in the texts that a store keeps. */
export interface ScopeSelection {
  /** Each filter's scopes, of which a credential must hold one. */
  readonly scopes: readonly (readonly string[])[];
  /** The ids of an API, of which a credential must hold a scope; null for no such filter. */
  readonly apis: readonly string[] | null;
}

/** No filter by scopes. */
export const NO_SELECTION: ScopeSelection = { scopes: [], apis: null };

/**
 * Resolves filters against the catalog.
 *
 * @throws CredctlError `usage` for an API that the catalog does not have, and for a scope to be able to that it does
 *   not have or that lacks its resource
 */
export function scopeSelection(catalog: Catalog, { api, scope, can }: ScopeFilters): ScopeSelection {
  return {
    scopes: [
      ...(scope === undefined ? [] : [spellings(catalog, presentScope(catalog, scope))]),
      ...(can === undefined ? [] : [grantsOf(catalog, parseRequirement(catalog, can))]),
    ],
    apis: api === undefined ? null : idsOf(parseApi(catalog, api)),
  };
}

/** @throws CredctlError `usage` that lists the APIs of the catalog */
function parseApi(catalog: Catalog, id: string): Api {
  const api = findApi(catalog, id);
  if (api !== null) return api;
  throw usageError(`unknown API ${quote(id)}`, () => {
    const ids = allApis(catalog).map((each) => each.id);
    return didYouMean(nearest(id, ids), ids);
  });
}

/** Every scope that covers the required one, under each id of its API. */
function grantsOf(catalog: Catalog, { api, permission, resource }: Scope): readonly string[] {
  return [...new Set([permission, '*'])].flatMap((each) =>
    placesAbove(catalog, resource).flatMap((place) =>
      spellings(catalog, { api, permission: each, resource: place }),
    ),
  );
}

function spellings(catalog: Catalog, scope: Scope): readonly string[] {
  const api = findApi(catalog, scope.api);
  return (api === null ? [scope.api] : idsOf(api)).map((id) => formatScope({ ...scope, api: id }));
}

function idsOf({ id, aliases = [] }: Api): readonly string[] {
  return [id, ...aliases];
}
