import type { Kysely } from 'kysely';
import type { Owner } from '../domain/credential.js';
import { nameKey } from '../domain/name.js';
import type { OwnerPatch } from '../domain/store-port.js';
import type { Schema } from './schema.js';

/** Writes a new owner. */
export async function insertOwner(db: Kysely<Schema>, owner: Owner): Promise<void> {
  await db
    .insertInto('owner')
    .values({
      id: owner.id,
      name: owner.name,
      name_key: nameKey(owner.name),
      kind: owner.kind,
      status: owner.status,
      created_at: owner.createdAt,
      created_by: owner.createdBy,
      updated_at: owner.updatedAt,
    })
    .execute();
}

/** Changes what the patch names. */
export async function updateOwner(db: Kysely<Schema>, id: string, patch: OwnerPatch): Promise<void> {
  await db
    .updateTable('owner')
    .set({
      ...(patch.name === undefined ? {} : { name: patch.name, name_key: nameKey(patch.name) }),
      ...(patch.status === undefined ? {} : { status: patch.status }),
      ...(patch.updatedAt === undefined ? {} : { updated_at: patch.updatedAt }),
    })
    .where('id', '=', id)
    .execute();
}

/**
 * Deactivates the owner's credentials, takes the owner from them and removes it.
 *
 * @param now epoch milliseconds
 * @returns the ids of those credentials
 */
export async function deleteOwner(db: Kysely<Schema>, id: string, now: number): Promise<readonly string[]> {
  const held = await db
    .selectFrom('credential')
    .select('id')
    .where('owner_id', '=', id)
    .orderBy('name_key')
    .execute();
  await db
    .updateTable('credential')
    .set((column) => ({
      owner_id: null,
      status: 'inactive',
      updated_at: now,
      revision: column('revision', '+', 1),
    }))
    .where('owner_id', '=', id)
    .execute();
  await db.deleteFrom('owner').where('id', '=', id).execute();
  return held.map((credential) => credential.id);
}
