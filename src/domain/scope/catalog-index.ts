import {
  type Api,
  BUILT_IN_API,
  type Catalog,
  formatResource,
  type Resource,
  type ResourceLevel,
  type Scope,
} from './catalog.js';

/** Index of a catalog by id. */
interface CatalogIndex {
  /** By id and by alias. */
  readonly apis: Map<string, { readonly api: Api; readonly permissions: ReadonlySet<string> }>;
  /** The ancestors of each resource, its parent first. */
  /** Today's ids by alias. */
  readonly aliases: Map<string, string>;
  readonly resources: Readonly<Record<ResourceLevel, Map<string, readonly Resource[]>>>;
}

/** Entries per step: one or two milliseconds. */
export const STEP = 2_000;

/** Cache: one index per immutable catalog, so that a request does not scan 100,000 resources. */
const INDEXES = new WeakMap<Catalog, CatalogIndex>();

/** Builds the index in steps that let the event loop run in between; otherwise the first lookup builds it. */
export function* indexSteps(catalog: Catalog): Generator<void> {
  const index: CatalogIndex = {
    apis: new Map(),
    aliases: new Map(),
    resources: { org: new Map(), account: new Map(), workspace: new Map() },
  };
  let entries = 0;
  for (const api of [...catalog.apis, BUILT_IN_API]) {
    const permissions = new Set<string>();
    const entry = { api, permissions };
    index.apis.set(api.id, entry);
    for (const alias of api.aliases ?? []) {
      index.apis.set(alias, entry);
      index.aliases.set(alias, api.id);
    }
    for (const { id } of api.permissions) {
      permissions.add(id);
      if (++entries % STEP === 0) yield;
    }
  }
  const { org: orgs, account: accounts, workspace: workspaces } = index.resources;
  for (const org of catalog.resources) {
    orgs.set(org.id, []);
    const aboveAccount: readonly Resource[] = [{ level: 'org', id: org.id }];
    for (const account of org.accounts) {
      accounts.set(account.id, aboveAccount);
      const aboveWorkspace: readonly Resource[] = [{ level: 'account', id: account.id }, ...aboveAccount];
      if (++entries % STEP === 0) yield;
      for (const workspace of account.workspaces) {
        workspaces.set(workspace, aboveWorkspace);
        if (++entries % STEP === 0) yield;
      }
    }
  }
  INDEXES.set(catalog, index);
}

function indexOf(catalog: Catalog): CatalogIndex {
  let index = INDEXES.get(catalog);
  if (index !== undefined) return index;
  for (const _ of indexSteps(catalog));
  index = INDEXES.get(catalog);
  if (index === undefined) throw new TypeError('an index is kept');
  return index;
}

/** Finds an API by id or alias, including the built-in one; null when there is none. */
export function findApi(catalog: Catalog, id: string): Api | null {
  return indexOf(catalog).apis.get(id)?.api ?? null;
}

/** The aliases of all APIs, each with today's id of its API. */
export function aliasesIn(catalog: Catalog): ReadonlyMap<string, string> {
  return indexOf(catalog).aliases;
}

/** The same scope under today's id of its API; an API that the catalog does not have keeps its id. */
export function underPresentId(catalog: Catalog, scope: Scope): Scope {
  const api = indexOf(catalog).aliases.get(scope.api);
  return api === undefined ? scope : { ...scope, api };
}

/** Whether an API, named by id or alias, has a permission of that id; `*` counts as one. */
export function hasPermission(catalog: Catalog, api: string, permission: string): boolean {
  return permission === '*' || indexOf(catalog).apis.get(api)?.permissions.has(permission) === true;
}

/** Whether the resource tree has that id at that level. */
export function resourceExists(catalog: Catalog, level: ResourceLevel, id: string): boolean {
  return indexOf(catalog).resources[level].has(id);
}

/** The ancestors of a resource, its parent first; empty for an org and for an unknown resource. */
export function ancestors(catalog: Catalog, level: ResourceLevel, id: string): readonly Resource[] {
  return indexOf(catalog).resources[level].get(id) ?? [];
}

/** Whether resource `a` is resource `b` or a descendant of it. */
export function isAtOrBelow(catalog: Catalog, a: Resource, b: Resource): boolean {
  const wanted = formatResource(b);
  return [a, ...ancestors(catalog, a.level, a.id)].some((each) => formatResource(each) === wanted);
}
