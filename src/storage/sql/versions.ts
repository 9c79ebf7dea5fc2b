import type { Version } from '../../domain/credential/version.js';
import type { NewVersion, OverdueVersion, VersionPatch } from '../../domain/ports/store-port.js';
import { LAST_TIME } from '../schema/tables.js';
import { newVersionColumns, versionColumns } from './columns.js';
import { insertRow, placeholders, type SqlConnection, type SqlValue } from './connection.js';
import { type CredentialRow, toVersion, VERSION, VERSION_JOINS } from './credential-rows.js';
import { keyOf } from './credentials.js';
import { selected } from './selected.js';

/**
 * The ten newest versions of each credential, and all without a recorded end, newest first, by the credential's
 * number.
 */
export async function versionsOf(
  connection: SqlConnection,
  credentials: readonly CredentialRow[],
): Promise<ReadonlyMap<number, readonly Version[]>> {
  if (credentials.length === 0) return new Map();
  const found = new Map(credentials.map((row) => [row.key, { id: row.id, versions: [] as Version[] }]));
  const rows = await connection.tuples(
    `select ${VERSION.sql} from version v ${VERSION_JOINS}
      where v.credential_key in (${placeholders(credentials.length)})
        and ((v.revoked_at is null and v.ended_at is null)
          or v.number > (select max(n.number) from version n where n.credential_key = v.credential_key) - 10)
      order by v.credential_key, v.number desc`,
    [...found.keys()],
  );
  for (const values of rows) {
    const row = VERSION.read(values);
    const credential = found.get(row.credentialKey);
    credential?.versions.push(toVersion(row, credential.id));
  }
  return new Map([...found].map(([key, { versions }]) => [key, versions]));
}

/**
 * As {@link versionsOf}, without the credentials that were deleted after their rows had been read: those have no
 * versions any more. One that has none otherwise is damaged, and is kept.
 */
export async function versionsOfPresent(
  connection: SqlConnection,
  credentials: readonly CredentialRow[],
): Promise<ReadonlyMap<number, readonly Version[]>> {
  const found = await versionsOf(connection, credentials);
  const without = credentials.filter(({ key }) => found.get(key)?.length === 0);
  if (without.length === 0) return found;
  const rows = await connection.tuples<readonly [id: string]>(
    `select id from credential where id in (${placeholders(without.length)})`,
    without.map(({ id }) => id),
  );
  const present = new Set(rows.map(([id]) => id));
  const deleted = new Set(without.flatMap(({ id, key }) => (present.has(id) ? [] : [key])));
  return new Map([...found].filter(([key]) => !deleted.has(key)));
}

/** Inserts a version and its hash. */
export async function insertVersion(connection: SqlConnection, { version, hash }: NewVersion): Promise<void> {
  const key = await keyOf(connection, version.credentialId);
  await insertRow(connection, 'version', newVersionColumns(version, key));
  await insertRow(connection, 'version_hash', {
    version_id: version.id,
    credential_key: key,
    number: version.number,
    hash,
  });
}

/** Applies a patch to a version. */
export async function updateVersion(
  connection: SqlConnection,
  id: string,
  patch: VersionPatch,
): Promise<void> {
  const changes = versionColumns(patch);
  const columns = Object.keys(changes);
  if (columns.length === 0) return;
  const values: readonly SqlValue[] = Object.values(changes);
  await connection.run(
    `update version set ${columns.map((name) => `${name} = ?`).join(', ')}
      where credential_key = (select credential_key from version_hash where version_id = ?)
        and number = (select number from version_hash where version_id = ?) and id = ?`,
    [...values, id, id, id],
  );
}

/**
 * Records a use of a version and of its credential.
 *
 * @param now epoch milliseconds
 * @param from the client's address; null where it is not known
 */
export async function recordUse(
  connection: SqlConnection,
  versionId: string,
  now: number,
  from: string | null,
): Promise<void> {
  await connection.run(
    `insert into last_use (credential_key, number, first_used_at, last_used_at, last_used_from)
      select credential_key, number, ?, ?, ? from version_hash where version_id = ?
      on conflict (credential_key, number) do update
        set ${LATER_USE}`,
    [now, now, from, versionId],
  );
  await connection.run(
    `update last_use set last_used_at = ?, last_used_from = ?
      where credential_key = (select credential_key from version_hash where version_id = ?)
        and number = 0 and (last_used_at < ? or last_used_at > ${LAST_TIME})`,
    [now, from, versionId, now],
  );
}

/** Upsert of a use: an earlier time that is no valid date counts as none. */
export const LATER_USE = `last_used_at = excluded.last_used_at, last_used_from = excluded.last_used_from,
          first_used_at = case when last_use.first_used_at between 0 and excluded.last_used_at then last_use.first_used_at
            else excluded.first_used_at end
        where last_use.last_used_at < excluded.last_used_at or last_use.last_used_at > ${LAST_TIME}`;

/** The columns of a version's credential. */
const OF = selected<OverdueVersion['credential']>({ id: 'c.id', name: 'c.name', clientId: 'c.client_id' });

/** Versions whose lapse or retirement has passed without a recorded end. */
export async function overdueVersions(
  connection: SqlConnection,
  now: number,
): Promise<readonly OverdueVersion[]> {
  const rows = await connection.tuples(
    `select ${VERSION.sql}, ${OF.sql}
      from (select credential_key, number from version
          where lapses_at <= ? and lapses_at is not null and ended_at is null and revoked_at is null
        union select credential_key, number from version
          where retires_at <= ? and retires_at is not null and ended_at is null and revoked_at is null) due
        join version v on v.credential_key = due.credential_key and v.number = due.number
        join credential c on c.key = v.credential_key ${VERSION_JOINS}`,
    [now, now],
  );
  return rows.map((row) => {
    const credential = OF.read(row, VERSION.count);
    return { version: toVersion(VERSION.read(row), credential.id), credential };
  });
}
