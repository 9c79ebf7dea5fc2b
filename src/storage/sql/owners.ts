import type { Owner } from '../../domain/credential/credential.js';
import type { OwnerPatch } from '../../domain/ports/store-port.js';
import { nameKey } from '../../domain/text/name.js';
import { insertRow, type SqlConnection, updateRow } from './connection.js';

/** Inserts an owner. */
export function insertOwner(connection: SqlConnection, owner: Owner): Promise<void> {
  return insertRow(connection, 'owner', {
    id: owner.id,
    name: owner.name,
    name_key: nameKey(owner.name),
    kind: owner.kind,
    status: owner.status,
    created_at: owner.createdAt,
    created_by: owner.createdBy,
    updated_at: owner.updatedAt,
  });
}

/** Applies a patch to an owner. */
export function updateOwner(connection: SqlConnection, id: string, patch: OwnerPatch): Promise<void> {
  return updateRow(connection, 'owner', id, {
    ...(patch.name === undefined ? {} : { name: patch.name, name_key: nameKey(patch.name) }),
    ...(patch.kind === undefined ? {} : { kind: patch.kind }),
    ...(patch.status === undefined ? {} : { status: patch.status }),
    ...(patch.updatedAt === undefined ? {} : { updated_at: patch.updatedAt }),
  });
}

/**
 * Deactivates the owner's credentials, clears their owner and deletes it.
 *
 * @param now epoch milliseconds
 * @returns the ids of those credentials
 */
export async function deleteOwner(
  connection: SqlConnection,
  id: string,
  now: number,
): Promise<readonly string[]> {
  const held = await connection.all<{ id: string }>(
    'select id from credential where owner_id = ? order by name_key',
    [id],
  );
  await connection.run(
    `update credential set owner_id = null, status = 'inactive', updated_at = ?, revision = revision + 1
      where owner_id = ?`,
    [now, id],
  );
  await connection.run('delete from owner where id = ?', [id]);
  return held.map((credential) => credential.id);
}

/** Selects owners `o`, each with the number of its credentials. */
export const OWNERS = `select o.*, (select count(*) from credential c where c.owner_id = o.id) as credentials
  from owner o`;
