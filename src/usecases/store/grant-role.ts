import { usageError } from '../../domain/errors.js';
import type { StoreRole } from '../../domain/ports/store-role.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Grants a database role a role of the store, in addition to the roles it has.
 *
 * @param databaseRole as PostgreSQL names it
 * @throws CredctlError `usage` where the engine has no roles, `not_found` for a role that does not exist,
 *   `denied` for a login that is not the store's creator
 */
export async function grantRole(deps: Dependencies, role: StoreRole, databaseRole: string): Promise<void> {
  const { engine } = await deps.store.statistics();
  if (engine !== 'postgres') {
    throw usageError(
      'a store in a file belongs to the owner of the file',
      'only a store in PostgreSQL has roles: --store postgres://USER@HOST/DATABASE',
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
