import {
  type Catalog,
  type CredentialType,
  catalogToDocument,
  type ResourceLevel,
} from '../../domain/scope/catalog.js';
import { checkCatalog } from '../../domain/scope/catalog-check.js';
import { firstRow, type SqlConnection } from './connection.js';
import { altered } from './rows.js';

/** The form of the stored document. */
export interface StoredCatalog {
  name: string;
  apis: {
    id: string;
    aliases?: string[];
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

/** The catalog in a parsed document, which is not checked. */
export function fromDocument(stored: StoredCatalog): Catalog {
  return {
    name: stored.name,
    apis: stored.apis.map((api) => ({
      id: api.id,
      ...(api.aliases === undefined ? {} : { aliases: api.aliases }),
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

/**
 * Reads the catalog where it has aliases; null otherwise, without transferring it. Parsed again only when its text
 * has changed.
 */
export class AliasingCatalog {
  #latest: { readonly document: string; readonly catalog: Catalog } | null = null;

  /** @throws CredctlError `integrity` */
  async read(connection: SqlConnection): Promise<Catalog | null> {
    // Within a text of the document, the quotation mark before the colon would have a backslash.
    const row = await firstRow<{ document: string }>(
      connection,
      `select document from catalog where id = 1 and document like '%"aliases":[%'`,
      [],
    );
    if (row === null) return null;
    if (this.#latest?.document !== row.document) {
      this.#latest = { document: row.document, catalog: catalogFromStored(row.document) };
    }
    return this.#latest.catalog;
  }
}
