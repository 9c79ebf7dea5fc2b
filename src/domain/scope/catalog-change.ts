import { quote } from '../text/quote.js';
import {
  type Api,
  type Catalog,
  type CredentialType,
  formatResource,
  type Permission,
  type Resource,
  type Scope,
} from './catalog.js';
import { ancestors, findApi, resourceExists } from './catalog-index.js';
import { parseScope } from './scope.js';

/** What a new catalog is checked against, per credential. */
export interface HeldScopes {
  readonly name: string;
  readonly type: CredentialType;
  readonly scopes: readonly string[];
}

/** A credential that a new catalog would invalidate, and why. */
export interface Invalidated {
  readonly name: string;
  readonly problem: string;
}

/** Difference of two lists, matched by id. */
interface Paired<T> {
  readonly removed: readonly T[];
  readonly added: readonly T[];
  readonly kept: readonly (readonly [before: T, after: T])[];
  readonly isReordered: boolean;
}

interface PlacedResource {
  /** `<level>/<id>`. */
  readonly id: string;
  readonly parent: string | null;
}

/**
 * Differences of two catalogs, one per line: `+ api events`, `- permission data:users`,
 * `~ data access_token_ttl 3600 -> 60`. An API that an alias of a new one names was renamed:
 * `~ api data-beta -> data`. Empty only when their documents are equal.
 */
export function catalogDifference(before: Catalog, after: Catalog): readonly string[] {
  const renamed = renamedApis(before, after);
  const apis = paired(
    before.apis.map((api) => ({ ...api, id: renamed.get(api.id) ?? api.id })),
    after.apis,
  );
  return [
    ...changed('name', quote(before.name), quote(after.name)),
    ...[...renamed].map(([old, now]) => `~ api ${old} -> ${now}`),
    ...apis.removed.map(({ id }) => `- api ${id}`),
    ...apis.added.map(({ id }) => `+ api ${id}`),
    ...(apis.isReordered ? ['~ order of the apis'] : []),
    ...apis.kept.flatMap(([old, now]) => apiDifference(old, now)),
    ...resourceDifference(before, after),
  ];
}

/** The new ids of renamed APIs, by the old ones. */
function renamedApis(before: Catalog, after: Catalog): ReadonlyMap<string, string> {
  const old = new Set(before.apis.map(({ id }) => id));
  const renamed = new Map<string, string>();
  for (const { id, aliases = [] } of after.apis) {
    const former = old.has(id) ? undefined : aliases.find((alias) => old.has(alias));
    if (former !== undefined) renamed.set(former, id);
  }
  return renamed;
}

/**
 * Credentials with scopes that the new catalog removes or redefines: an API or the alias that they are held under
 * removed or given to another API, an API moved to another level or closed to their type, a permission removed, a
 * resource removed or moved. One entry per credential.
 */
export function invalidatedBy(
  before: Catalog,
  after: Catalog,
  held: readonly HeldScopes[],
): readonly Invalidated[] {
  return held.flatMap(({ name, type, scopes }) => {
    const problems = new Set(scopes.flatMap((text) => problemsOf(before, after, type, parseScope(text))));
    return problems.size === 0 ? [] : [{ name, problem: [...problems].join('; ') }];
  });
}

function problemsOf(before: Catalog, after: Catalog, type: CredentialType, scope: Scope): readonly string[] {
  const former = findApi(before, scope.api);
  const api = findApi(after, scope.api);
  const kept = former === null ? api : findApi(after, former.id);
  const isAlias = former !== null && former.id !== scope.api;
  if (isAlias && kept !== null && api !== kept) {
    return [`the alias ${scope.api} of the API ${former.id} ${newUse(api, scope.api)}`];
  }
  if (api === null || kept === null) return [`the API ${former?.id ?? scope.api} is removed`];
  const problems: string[] = [];
  if (!api.types.includes(type)) problems.push(`the API ${api.id} no longer allows ${type}`);
  const level = former?.resource ?? api.resource;
  if (level !== api.resource) {
    problems.push(`the resource level of the API ${api.id} changes from ${level} to ${api.resource}`);
  }
  if (scope.permission !== '*' && !api.permissions.some(({ id }) => id === scope.permission)) {
    problems.push(`the permission ${former?.id ?? api.id}:${scope.permission} is removed`);
  }
  return scope.resource === null
    ? problems
    : [...problems, ...resourceProblems(before, after, scope.resource)];
}

/** What becomes of an alias that its API no longer has. */
function newUse(api: Api | null, alias: string): string {
  if (api === null) return 'is removed';
  return api.id === alias ? 'becomes an API of its own' : `becomes one of the API ${api.id}`;
}

function resourceProblems(before: Catalog, after: Catalog, resource: Resource): readonly string[] {
  const { level, id } = resource;
  if (!resourceExists(after, level, id)) return [`${formatResource(resource)} is removed`];
  const [from, to] = [before, after].map((catalog) =>
    ancestors(catalog, level, id).map(formatResource).join(' in '),
  );
  return from === to ? [] : [`${formatResource(resource)} moves from ${from} to ${to}`];
}

function apiDifference(before: Api, after: Api): readonly string[] {
  const { id } = after;
  const permissions = paired(before.permissions, after.permissions);
  const aliases = paired(named(before.aliases), named(after.aliases));
  return [
    ...aliases.removed.map((alias) => `- alias ${alias.id} of ${id}`),
    ...aliases.added.map((alias) => `+ alias ${alias.id} of ${id}`),
    ...(aliases.isReordered ? [`~ order of the aliases of ${id}`] : []),
    ...changed(`${id} title`, quote(before.title), quote(after.title)),
    ...changed(`${id} types`, before.types.join(', '), after.types.join(', ')),
    ...changed(`${id} resource`, before.resource, after.resource),
    ...changed(`${id} access_token_ttl`, `${before.accessTokenTtl}`, `${after.accessTokenTtl}`),
    ...permissions.removed.map((permission) => `- permission ${id}:${permission.id}`),
    ...permissions.added.map((permission) => `+ permission ${id}:${permission.id}`),
    ...(permissions.isReordered ? [`~ order of the permissions of ${id}`] : []),
    ...permissions.kept.flatMap(([old, now]) => permissionDifference(id, old, now)),
  ];
}

function named(ids: readonly string[] = []): readonly { readonly id: string }[] {
  return ids.map((id) => ({ id }));
}

function permissionDifference(api: string, before: Permission, after: Permission): readonly string[] {
  const scope = `${api}:${after.id}`;
  return [
    ...changed(`${scope} title`, quote(before.title), quote(after.title)),
    ...changed(`${scope} description`, described(before), described(after)),
  ];
}

function described(permission: Permission): string {
  return permission.description === null ? 'none' : quote(permission.description);
}

function resourceDifference(before: Catalog, after: Catalog): readonly string[] {
  const resources = paired(placed(before), placed(after));
  const place = ({ id, parent }: PlacedResource) => (parent === null ? id : `${id} in ${parent}`);
  const lines = [
    ...resources.removed.map((resource) => `- ${place(resource)}`),
    ...resources.added.map((resource) => `+ ${place(resource)}`),
    ...resources.kept.flatMap(([old, now]) => changed(old.id, old.parent ?? '', now.parent ?? '')),
  ];
  // A move changes the order as well; the order is reported only on its own.
  return lines.length === 0 && resources.isReordered ? ['~ order of the resources'] : lines;
}

function placed(catalog: Catalog): readonly PlacedResource[] {
  return catalog.resources.flatMap((org) => [
    { id: `org/${org.id}`, parent: null },
    ...org.accounts.flatMap((account) => [
      { id: `account/${account.id}`, parent: `org/${org.id}` },
      ...account.workspaces.map((id) => ({ id: `workspace/${id}`, parent: `account/${account.id}` })),
    ]),
  ]);
}

function changed(what: string, before: string, after: string): readonly string[] {
  return before === after ? [] : [`~ ${what} ${before} -> ${after}`];
}

function paired<T extends { readonly id: string }>(before: readonly T[], after: readonly T[]): Paired<T> {
  const old = new Map(before.map((value) => [value.id, value]));
  const now = new Set(after.map(({ id }) => id));
  const kept = after.flatMap((value): (readonly [T, T])[] => {
    const earlier = old.get(value.id);
    return earlier === undefined ? [] : [[earlier, value]];
  });
  const order = before.filter(({ id }) => now.has(id));
  return {
    removed: before.filter(({ id }) => !now.has(id)),
    added: after.filter(({ id }) => !old.has(id)),
    kept,
    isReordered: kept.some(([earlier], index) => earlier !== order[index]),
  };
}
