import { usageError } from '../errors.js';
import { didYouMean, nearest } from '../text/nearest.js';
import { quote } from '../text/quote.js';
import {
  type Api,
  allApis,
  type Catalog,
  type CredentialType,
  formatResource,
  RESOURCE_LEVELS,
  type ResourceLevel,
  resourcesAt,
  type Scope,
} from './catalog.js';
import { ancestors, findApi, hasPermission, resourceExists, underPresentId } from './catalog-index.js';
import { GrantedScopes } from './granted-scopes.js';
import { scopeHint } from './scope-hint.js';

/** Checked scopes in canonical form, with notes on resources that were filled in. */
export interface NormalisedScopes {
  readonly scopes: readonly string[];
  readonly notes: readonly string[];
}

const GRAMMAR = /^([^\s:@/]+):([^\s:@/]+)(?:@([^\s:@/]+)\/([^\s:@/]+))?$/;

/**
 * Parses a scope `<api>:<permission>[@<level>/<id>]`, without a check against a catalog.
 *
 * @param catalog what hints take their examples from
 * @throws CredctlError `usage` when it is malformed or names an unknown level
 */
export function parseScope(text: string, catalog?: Catalog): Scope {
  const [, api, permission, levelText, id] = GRAMMAR.exec(text) ?? [];
  if (api === undefined || permission === undefined) {
    throw usageError(`${quote(text)} is not a scope`, () => scopeHint(text, catalog));
  }
  if (levelText === undefined || id === undefined) return { api, permission, resource: null };
  const level = RESOURCE_LEVELS.find((known) => known === levelText);
  if (level === undefined) {
    throw usageError(`unknown resource level ${quote(levelText)} in the scope ${quote(text)}`, () =>
      didYouMean(nearest(levelText, RESOURCE_LEVELS), RESOURCE_LEVELS),
    );
  }
  return { api, permission, resource: { level, id } };
}

/** Formats a scope, the inverse of {@link parseScope}. */
export function formatScope(scope: Scope): string {
  const base = `${scope.api}:${scope.permission}`;
  return scope.resource === null ? base : `${base}@${formatResource(scope.resource)}`;
}

/**
 * Checks and canonicalises the scopes of a credential: writes today's id for an alias, removes duplicates and scopes covered by `<api>:*`,
 * sorts in plain string order. A missing resource is filled in, with a note, where only one exists at the API's
 * level.
 *
 * @throws CredctlError `usage` when there is no scope, or when one is not in the catalog, is not open to the
 *   type, or lacks a resource that has to be chosen
 */
export function normaliseScopes(
  catalog: Catalog,
  type: CredentialType,
  texts: readonly string[],
): NormalisedScopes {
  if (texts.length === 0) {
    throw usageError('no scope was given', 'add at least one, such as --scope data:users');
  }
  const notes = new Set<string>();
  const complete: Scope[] = [];
  for (const text of texts) {
    const scope = underPresentId(catalog, parseScope(text, catalog));
    const api = admittedApi(catalog, scope, type);
    checkResource(catalog, api, scope);
    const whole = scope.resource === null ? withOnlyResource(catalog, api, scope) : scope;
    if (whole.resource !== null && scope.resource === null) {
      notes.add(
        `selected ${formatResource(whole.resource)} for ${formatScope(scope)}: the catalog has no other`,
      );
    }
    complete.push(whole);
  }
  return { scopes: withoutSwallowed(catalog, complete), notes: [...notes] };
}

/** Formats scopes under today's ids, without those that `<api>:*` covers, in plain string order. */
export function withoutSwallowed(catalog: Catalog, scopes: Iterable<Scope>): readonly string[] {
  const unique = new Map(Array.from(scopes, (scope) => [formatScope(scope), scope]));
  const stars = new GrantedScopes(
    catalog,
    [...unique.values()].filter((scope) => scope.permission === '*'),
  );
  return [...unique.entries()]
    .filter(([, scope]) => !stars.coverBesides(scope))
    .map(([text]) => text)
    .sort();
}

/** Maximum number of scopes of a credential: each request evaluates all of them. */
export const MOST_SCOPES = 1_000;

/** @throws CredctlError `usage` for more scopes than a credential may have */
export function requireFewScopes({ length }: readonly string[]): void {
  if (length <= MOST_SCOPES) return;
  throw usageError(
    `${length} scopes are too many: a credential can have at most ${MOST_SCOPES}`,
    "use wider scopes: '*' stands for every permission of an API, and a resource includes everything below it",
  );
}

/**
 * Parses a required scope, which must name a resource on an API with resources. It gets today's id of its API.
 *
 * @throws CredctlError `usage` when it is malformed, not in the catalog, or lacks the resource
 */
export function parseRequirement(catalog: Catalog, text: string): Scope {
  const scope = underPresentId(catalog, parseScope(text, catalog));
  const api = knownApi(catalog, scope, () => allApis(catalog));
  checkResource(catalog, api, scope);
  if (api.resource !== 'none' && scope.resource === null) throw resourceMissing(catalog, api.resource, scope);
  return scope;
}

/**
 * Whether the granted scopes cover the required one: `*` covers every permission of its API, a scope on a
 * resource covers its descendants. Both must be checked and name APIs by today's ids: `granted` by
 * {@link normaliseScopes}, `required` by {@link parseRequirement}.
 */
export function satisfies(catalog: Catalog, granted: readonly string[], required: string): boolean {
  return satisfiesAll(catalog, granted, [required]);
}

/** Whether the granted scopes cover all required ones, as {@link satisfies}. */
export function satisfiesAll(
  catalog: Catalog,
  granted: readonly string[],
  required: readonly string[],
): boolean {
  const held = new GrantedScopes(
    catalog,
    granted.map((scope) => parseScope(scope)),
  );
  return required.every((scope) => held.cover(parseScope(scope)));
}

/**
 * Lifetime of an access token with these scopes, in seconds: the shortest among their APIs. Zero when none of
 * the APIs is in the catalog.
 */
export function tokenLifetime(catalog: Catalog, scopes: readonly string[]): number {
  const apis = scopes.flatMap((text) => findApi(catalog, parseScope(text).api) ?? []);
  return apis.length === 0 ? 0 : Math.min(...apis.map((api) => api.accessTokenTtl));
}

function admittedApi(catalog: Catalog, scope: Scope, type: CredentialType): Api {
  const admitting = () => allApis(catalog).filter((api) => api.types.includes(type));
  const api = knownApi(catalog, scope, admitting);
  if (api.types.includes(type)) return api;
  throw usageError(`the API ${api.id} does not allow ${type} credentials`, () => {
    const ids = admitting().map(({ id }) => id);
    return `it allows: ${api.types.join(', ')}; APIs for ${type}: ${ids.join(', ')}`;
  });
}

function knownApi(catalog: Catalog, scope: Scope, offered: () => readonly Api[]): Api {
  const api = findApi(catalog, scope.api);
  if (api === null) {
    throw usageError(`unknown API ${quote(scope.api)}`, () => {
      const apis = offered();
      const ids = apis.map(({ id }) => id);
      const nearestId = nearest(scope.api, ids);
      const near = apis.find(({ id }) => id === nearestId);
      const meant =
        near &&
        (hasPermission(catalog, near.id, scope.permission) ? `${near.id}:${scope.permission}` : near.id);
      return didYouMean(meant ?? null, ids);
    });
  }
  if (!hasPermission(catalog, api.id, scope.permission)) {
    throw usageError(`the API ${api.id} has no permission ${quote(scope.permission)}`, () => {
      const ids = api.permissions.map(({ id }) => id);
      const near = nearest(scope.permission, ids);
      return didYouMean(
        near && `${api.id}:${near}`,
        [...ids, '*'].map((id) => `${api.id}:${id}`),
      );
    });
  }
  return api;
}

function checkResource(catalog: Catalog, api: Api, scope: Scope): void {
  if (scope.resource === null) return;
  const { level, id } = scope.resource;
  const base = `${scope.api}:${scope.permission}`;
  if (api.resource === 'none') {
    throw usageError(`scopes of the API ${api.id} take no resource`, `write ${base} without '@'`);
  }
  if (!resourceExists(catalog, level, id)) {
    const { resource: lowest } = api;
    throw usageError(`unknown ${level} ${quote(id)}`, () => {
      const near = nearest(id, resourcesAt(catalog, level));
      return didYouMean(near && `${base}@${level}/${near}`, choices(catalog, lowest));
    });
  }
  if (levelsDownTo(api.resource).includes(level)) return;
  const { resource: lowest } = api;
  const above = ancestors(catalog, level, id).find((ancestor) => ancestor.level === lowest);
  throw usageError(
    `a scope of the API ${api.id} is for ${article(lowest)} or above, and ${level}/${id} is below that`,
    () => didYouMean(above ? `${base}@${formatResource(above)}` : null, choices(catalog, lowest)),
  );
}

function withOnlyResource(catalog: Catalog, api: Api, scope: Scope): Scope {
  if (api.resource === 'none') return scope;
  const [only, another] = resourcesAt(catalog, api.resource);
  if (only === undefined || another !== undefined) throw resourceMissing(catalog, api.resource, scope);
  return { ...scope, resource: { level: api.resource, id: only } };
}

function resourceMissing(catalog: Catalog, level: ResourceLevel, scope: Scope) {
  const fact = `${formatScope(scope)} needs ${article(level)}`;
  if (catalog.resources.length === 0) {
    return usageError(
      `${fact}, and the catalog has no resources`,
      "add them under 'resources' with 'credctl catalog apply'",
    );
  }
  return usageError(
    fact,
    () => `write ${formatScope(scope)}@<level>/<id>; ${didYouMean(null, choices(catalog, level))}`,
  );
}

/** The resources at the level, then those above it, formatted. */
function choices(catalog: Catalog, level: ResourceLevel): readonly string[] {
  return levelsDownTo(level)
    .toReversed()
    .flatMap((each) => resourcesAt(catalog, each).map((id) => formatResource({ level: each, id })));
}

function levelsDownTo(level: ResourceLevel): readonly ResourceLevel[] {
  return RESOURCE_LEVELS.slice(0, RESOURCE_LEVELS.indexOf(level) + 1);
}

function article(level: ResourceLevel): string {
  return level === 'workspace' ? 'a workspace' : `an ${level}`;
}
