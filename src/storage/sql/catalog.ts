import {
  type Catalog,
  type CredentialType,
  catalogToDocument,
  type ResourceLevel,
} from '../../domain/scope/catalog.js';
import { checkCatalog, checkSteps } from '../../domain/scope/catalog-check.js';
import { indexSteps } from '../../domain/scope/catalog-index.js';
import { altered } from './rows.js';

interface StoredCatalog {
  name: string;
  apis: {
    id: string;
    title: string;
    types: CredentialType[];
    resource: ResourceLevel | 'none';
    access_token_ttl: number;
    permissions: { id: string; title: string; description?: string | null }[];
  }[];
  resources: { id: string; accounts: { id: string; workspaces: string[] }[] }[];
}

/** Serializes a catalog for the store. */
export function catalogToStored(catalog: Catalog): string {
  return JSON.stringify(catalogToDocument(catalog));
}

/**
 * Parses what {@link catalogToStored} wrote.
 *
 * @throws CredctlError `integrity`
 */
export function catalogFromStored(text: string): Catalog {
  try {
    const catalog = fromDocument(JSON.parse(text) as StoredCatalog);
    checkCatalog(catalog);
    return catalog;
  } catch (cause) {
    throw altered('catalog', cause);
  }
}

/**
 * The same, with the indexes for lookups built, in steps of a few milliseconds.
 *
 * @param pause yields to the event loop between two steps
 */
export async function catalogInSteps(text: string, pause: () => Promise<void>): Promise<Catalog> {
  try {
    const catalog = fromDocument(
      (await (await import('./json-in-steps.js')).parseJsonInSteps(text, pause)) as StoredCatalog,
    );
    for (const steps of [checkSteps(catalog), indexSteps(catalog)]) {
      for (const _ of steps) await pause();
    }
    return catalog;
  } catch (cause) {
    throw altered('catalog', cause);
  }
}

function fromDocument(stored: StoredCatalog): Catalog {
  return {
    name: stored.name,
    apis: stored.apis.map((api) => ({
      id: api.id,
      title: api.title,
      types: api.types,
      resource: api.resource,
      accessTokenTtl: api.access_token_ttl,
      permissions: api.permissions.map((permission) => ({
        id: permission.id,
        title: permission.title,
        description: permission.description ?? null,
      })),
    })),
    resources: stored.resources,
  };
}
