import type { Catalog } from '../../domain/scope/catalog.js';
import { checkSteps, refuseFault } from '../../domain/scope/catalog-check.js';
import { indexSteps } from '../../domain/scope/catalog-index.js';
import { fromDocument, type StoredCatalog } from '../sql/catalog.js';
import { parseJsonInSteps } from '../sql/json-in-steps.js';
import { altered } from '../sql/rows.js';

/**
 * Parses a stored catalog and builds its indexes for lookups, in steps of a few milliseconds.
 *
 * @param pause yields to the event loop between two steps
 * @throws CredctlError `integrity`
 */
export async function catalogInSteps(text: string, pause: () => Promise<void>): Promise<Catalog> {
  try {
    const catalog = fromDocument((await parseJsonInSteps(text, pause)) as StoredCatalog);
    for (const step of checkSteps(catalog)) {
      refuseFault(step);
      await pause();
    }
    for (const _ of indexSteps(catalog)) await pause();
    return catalog;
  } catch (cause) {
    throw altered('catalog', cause);
  }
}
