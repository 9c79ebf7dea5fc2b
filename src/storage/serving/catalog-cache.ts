import type { Catalog } from '../../domain/scope/catalog.js';
import { catalogInSteps } from './catalog-in-steps.js';

/**
 * Cache of the parsed catalog, keyed by the document's text: most changes of a store leave the catalog as it is.
 * Parsing the largest one takes a third of a second, so it yields to the event loop between steps.
 */
export class CatalogCache {
  #latest: { readonly document: string; readonly catalog: Promise<Catalog> } | null = null;

  /** @throws CredctlError `integrity` for a document that is not a catalog */
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
