/** How a credential authenticates; immutable. */
export type CredentialType = 'api-key' | 'oauth2';

/** Every credential type, the recommended one first. */
export const CREDENTIAL_TYPES: readonly CredentialType[] = ['oauth2', 'api-key'];

/** A level of the resource tree. */
export type ResourceLevel = 'org' | 'account' | 'workspace';

/** Every level of the resource tree, from the top down. */
export const RESOURCE_LEVELS: readonly ResourceLevel[] = ['org', 'account', 'workspace'];

/** A node of the resource tree; its id is unique at its level. */
export interface Resource {
  readonly level: ResourceLevel;
  readonly id: string;
}

/** A permission of an API (`*` for all), optionally limited to a resource. */
export interface Scope {
  readonly api: string;
  /** A permission's id, or `*`. */
  readonly permission: string;
  readonly resource: Resource | null;
}

/** A permission of an API. */
export interface Permission {
  readonly id: string;
  readonly title: string;
  readonly description: string | null;
}

/** An API that credentials are issued for. */
export interface Api {
  readonly id: string;
  /** Ids that it had before: scopes under them are scopes of this API. */
  readonly aliases?: readonly string[];
  readonly title: string;
  /** The credential types that may hold scopes of this API. */
  readonly types: readonly CredentialType[];
  /** The resource level of its scopes. */
  readonly resource: ResourceLevel | 'none';
  /** Lifetime of its access tokens, in seconds. */
  readonly accessTokenTtl: number;
  readonly permissions: readonly Permission[];
}

/** Root of a resource tree. */
export interface Org {
  readonly id: string;
  readonly accounts: readonly Account[];
}

/** An account of an org, with the ids of its workspaces. */
export interface Account {
  readonly id: string;
  readonly workspaces: readonly string[];
}

/** The APIs and the resource tree that scopes are checked against. */
export interface Catalog {
  readonly name: string;
  readonly apis: readonly Api[];
  readonly resources: readonly Org[];
}

/** The API of credctl itself: part of every catalog, never stored. */
export const BUILT_IN_API: Api = {
  id: 'credctl',
  title: 'credctl',
  types: CREDENTIAL_TYPES,
  resource: 'none',
  accessTokenTtl: 3600,
  permissions: [
    { id: 'introspect', title: 'Introspect', description: 'Ask whether a credential or token is good' },
    { id: 'scan', title: 'Scan', description: 'Ask whether a secret that was found is live' },
  ],
};

/** The catalog's APIs followed by the built-in one. */
export function allApis(catalog: Catalog): readonly Api[] {
  return [...catalog.apis, BUILT_IN_API];
}

/** Ids of all resources at a level, in tree order. */
export function resourcesAt(catalog: Catalog, level: ResourceLevel): readonly string[] {
  if (level === 'org') return catalog.resources.map((org) => org.id);
  const accounts = catalog.resources.flatMap((org) => org.accounts);
  return level === 'account'
    ? accounts.map((account) => account.id)
    : accounts.flatMap((account) => account.workspaces);
}

/** Formats a resource as `<level>/<id>`. */
export function formatResource(resource: Resource): string {
  return `${resource.level}/${resource.id}`;
}

/** A catalog in its YAML and JSON form. */
export interface CatalogDocument {
  readonly name: string;
  readonly apis: readonly {
    readonly id: string;
    /** Left out where there are none. */
    readonly aliases?: readonly string[];
    readonly title: string;
    readonly types: readonly CredentialType[];
    readonly resource: ResourceLevel | 'none';
    /** Lifetime in seconds. */
    readonly access_token_ttl: number;
    readonly permissions: readonly Permission[];
  }[];
  readonly resources: readonly Org[];
}

/** The document of a catalog without the built-in API, as shown and stored. */
export function catalogToDocument(catalog: Catalog): CatalogDocument {
  return {
    name: catalog.name,
    apis: catalog.apis.map(({ id, aliases = [], title, types, resource, accessTokenTtl, permissions }) => ({
      id,
      ...(aliases.length === 0 ? {} : { aliases: [...aliases] }),
      title,
      types: [...types],
      resource,
      access_token_ttl: accessTokenTtl,
      permissions: permissions.map(({ id, title, description }) => ({ id, title, description })),
    })),
    resources: catalog.resources.map(({ id, accounts }) => ({
      id,
      accounts: accounts.map(({ id, workspaces }) => ({ id, workspaces: [...workspaces] })),
    })),
  };
}
