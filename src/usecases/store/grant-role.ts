import { usageError } from '../../domain/errors.js';
import type { StoreRole } from '../../domain/ports/store-role.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Allows a role of the database what a role in the store may do, on top of what it may do already.
 *
 * @param databaseRole as PostgreSQL calls it
 * @throws CredctlError `usage` where the engine knows no roles, `not_found` for a role that does not exist, `denied`
 *   for whoever has not made the store
 */
export async function grantRole(deps: Dependencies, role: StoreRole, databaseRole: string): Promise<void> {
  const { engine } = await deps.store.statistics();
  if (engine !== 'postgres') {
    throw usageError(
      'a store in a file belongs to the owner of the file',
      'roles are for a store in PostgreSQL: --store postgres://USER@HOST/DATABASE',
    );
  }
  await change(deps, async (tx, now) => {
    const { id } = await tx.settings();
    await tx.grant(role, databaseRole);
    await tx.appendAudit(
      {
        ...deps.author,
        action: 'store.grant',
        target: { kind: 'store', id, name: null },
        details: { role, to: databaseRole },
      },
      now,
    );
  });
}
