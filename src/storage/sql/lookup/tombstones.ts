import type { DeletedCredential, StoreReader } from '../../../domain/ports/store-port.js';
import { isClientIdShape } from '../../../domain/secret/secret-format.js';
import { isIdShape, nameKey } from '../../../domain/text/name.js';
import { firstRow, type SqlConnection } from '../connection.js';
import { parseTexts, time } from '../rows.js';

/** The tombstone of the credential that a version belonged to; null where it belongs to no deleted one. */
export function findDeleted(connection: SqlConnection, versionId: string): Promise<DeletedCredential | null> {
  const from = 'deleted_version d join tombstone t on t.credential_id = d.credential_id';
  return tombstone(connection, from, 'd.version_id = ?', versionId);
}

/** The tombstone of an id or a client id; null for any other text. Client ids have no index there. */
export async function findDeletedById(
  connection: SqlConnection,
  reference: string,
): Promise<DeletedCredential | null> {
  if (isIdShape(reference)) {
    return tombstone(connection, 'tombstone t', 't.credential_id = ?', reference.toLowerCase());
  }
  if (!isClientIdShape(reference)) return null;
  return tombstone(connection, 'tombstone t', 't.client_id = ?', reference);
}

async function tombstone(
  connection: SqlConnection,
  from: string,
  condition: string,
  value: string,
): Promise<DeletedCredential | null> {
  const row = await firstRow<{
    id: string;
    client_id: string | null;
    deleted_at: number;
    name: string | null;
  }>(
    connection,
    `select t.credential_id as id, t.client_id, t.deleted_at, e.target_name as name
      from ${from} left join audit_event e on e.seq =
        (select max(seq) from audit_event where target_id = t.credential_id)
      where ${condition}`,
    [value],
  );
  if (row === null) return null;
  return { id: row.id, name: row.name, clientId: row.client_id, deletedAt: time(row.deleted_at) };
}

/** Ids of versions discarded with the last ten undelivered creates of that name. */
export async function discardedVersionIds(
  connection: SqlConnection,
  name: string,
): Promise<readonly string[]> {
  const rows = await connection.all<{ version_ids: string }>(
    `select t.version_ids from audit_event e join tombstone t on t.credential_id = e.target_id
      where e.target_key = ? and e.action = 'credential.discard' order by e.seq desc limit 10`,
    [nameKey(name)],
  );
  return rows.flatMap((row) => parseTexts(row.version_ids, 'list of versions'));
}

/** The credentials deleted last, each with the number of its versions. */
export async function deletedCredentials(
  connection: SqlConnection,
  limit: number,
): ReturnType<StoreReader['deletedCredentials']> {
  const rows = await connection.tuples<readonly [id: string, versionIds: string]>(
    'select credential_id, version_ids from tombstone order by deleted_at desc, credential_id limit ?',
    [limit],
  );
  return rows.map(([credentialId, ids]) => ({
    credentialId,
    versions: parseTexts(ids, 'list of versions').length,
  }));
}
