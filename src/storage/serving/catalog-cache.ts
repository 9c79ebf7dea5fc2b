import type { Catalog } from '../../domain/scope/catalog.js';
import { catalogInSteps } from '../sql/catalog.js';

/**
 * The catalog of a server, read anew where its document is another one: most changes of a store leave it as it is. The
 * largest takes a third of a second, during which requests have their turns.
 */
export class CatalogCache {
  #latest: { readonly document: string; readonly catalog: Promise<Catalog> } | null = null;

  /** @throws CredctlError `integrity` for a document that is none */
  of(document: string): Promise<Catalog> {
    if (this.#latest?.document === document) return this.#latest.catalog;
    const catalog = catalogInSteps(document, () => new Promise((resolve) => setImmediate(resolve)));
    const latest = { document, catalog };
    this.#latest = latest;
    catalog.catch(() => {
      if (this.#latest === latest) this.#latest = null;
    });
    return catalog;
  }
}
