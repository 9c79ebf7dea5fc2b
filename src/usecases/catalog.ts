import { conflictError } from '../domain/errors.js';
import type { StoreReader } from '../domain/ports/store-port.js';
import type { Api, Catalog } from '../domain/scope/catalog.js';
import { catalogDifference, invalidatedBy } from '../domain/scope/catalog-change.js';
import { checkCatalog } from '../domain/scope/catalog-check.js';
import { findApi } from '../domain/scope/catalog-index.js';
import { change } from './change.js';
import type { Dependencies } from './dependencies.js';

/** Maximum number of conflicting credentials that an error message names. */
const NAMED = 10;

/** Result of replacing the catalog: one line per difference; empty when the catalogs are equal. */
export interface CatalogPlan {
  readonly differences: readonly string[];
}

/**
 * Dry run: validates a new catalog by itself and against the scopes of the existing credentials.
 *
 * @throws CredctlError `usage` for a catalog that contradicts itself; `conflict`, naming the credentials, when
 *   it would remove a scope that one of them holds
 */
export async function planCatalog(store: StoreReader, next: Catalog): Promise<CatalogPlan> {
  checkCatalog(next);
  const present = await store.catalog();
  const differences = catalogDifference(present, next);
  if (differences.length === 0) return { differences };
  const hurt = invalidatedBy(present, next, await store.heldScopes());
  if (hurt.length > 0) {
    const named = hurt.slice(0, NAMED).map(({ name, problem }) => `${name} (${problem})`);
    const more = hurt.length > NAMED ? `, and ${hurt.length - NAMED} more` : '';
    throw conflictError(
      `the new catalog would break existing credentials: ${named.join(', ')}${more}`,
      `edit or delete these credentials first, or keep their scopes in the catalog${aliasHint(present, next)}`,
    );
  }
  return { differences };
}

/** Where one API goes and another comes, it may be the same under another id. */
function aliasHint(present: Catalog, next: Catalog): string {
  const isIn =
    (catalog: Catalog) =>
    ({ id }: Api) =>
      findApi(catalog, id) !== null;
  if (present.apis.every(isIn(next)) || next.apis.every(isIn(present))) return '';
  return "; if you renamed an API, list its old id under 'aliases'";
}

function isSamePlan({ differences }: CatalogPlan, other: CatalogPlan): boolean {
  return differences.join('\n') === other.differences.join('\n');
}

/**
 * Replaces the catalog in one transaction, which repeats the checks of {@link planCatalog} (TOCTOU).
 *
 * @param accepted the plan that was shown
 * @throws CredctlError as {@link planCatalog}; `conflict` also where the differences are others by now: those of a
 *   catalog that was replaced since would be undone unseen
 */
export async function replaceCatalog(
  deps: Dependencies,
  next: Catalog,
  accepted?: CatalogPlan,
): Promise<CatalogPlan> {
  return change(deps, async (tx, now) => {
    const plan = await planCatalog(tx, next);
    if (plan.differences.length === 0) return plan;
    if (accepted !== undefined && !isSamePlan(plan, accepted)) {
      throw conflictError(
        'another command has changed the catalog since its differences were shown',
        'nothing was changed; run the command again',
      );
    }
    await tx.replaceCatalog(next, now);
    await tx.appendAudit(
      {
        ...deps.author,
        action: 'catalog.replace',
        target: { kind: 'catalog', id: null, name: next.name },
        details: { differences: plan.differences },
      },
      now,
    );
    return plan;
  });
}
