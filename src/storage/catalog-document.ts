import {
  type Catalog,
  type CredentialType,
  catalogToDocument,
  type ResourceLevel,
} from '../domain/catalog.js';
import { checkCatalog } from '../domain/catalog-check.js';
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

/** The text that the store keeps of a catalog. */
export function catalogToStored(catalog: Catalog): string {
  return JSON.stringify(catalogToDocument(catalog));
}

/** The catalog that {@link catalogToStored} wrote. */
export function catalogFromStored(text: string): Catalog {
  try {
    const catalog = fromDocument(JSON.parse(text) as StoredCatalog);
    checkCatalog(catalog);
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
