import type { Finding } from '../../domain/ports/store-port.js';
import { INDEX_TOMBSTONES } from '../schema/migrations/003-receipts.js';
import type { SqlConnection } from '../sql/connection.js';
import { parseTexts } from '../sql/rows.js';
import { error } from './finding.js';

const PAGE = 500;

/** Finds deleted versions whose index differs from the tombstones of their credentials. */
export async function checkTombstones(connection: SqlConnection): Promise<readonly Finding[]> {
  let count = await unburied(connection);
  for (let after = ''; ; ) {
    const page = await connection.all<{ id: string; versions: string }>(
      `select credential_id as id, version_ids as versions from tombstone where credential_id > ?
        order by credential_id limit ${PAGE}`,
      [after],
    );
    for (const { id, versions } of page) {
      if (!(await isListed(connection, id, parseTexts(versions, 'list of versions')))) count += 1;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.id;
  }
  if (count === 0) return [];
  return [
    error(
      'tombstones',
      `the list of deleted secrets differs from the records of deleted credentials (credentials: ${count})`,
      `as the owner of the store, in SQL: delete from deleted_version; ${INDEX_TOMBSTONES.replace(/\s+/g, ' ')}; find out who changed the store without credctl`,
    ),
  ];
}

async function unburied(connection: SqlConnection): Promise<number> {
  const [row] = await connection.all<{ n: number }>(
    `select count(distinct d.credential_id) as n from deleted_version d
      where not exists (select 1 from tombstone t where t.credential_id = d.credential_id)`,
    [],
  );
  return row?.n ?? 0;
}

/** Looks each version up by id, the only indexed column. */
async function isListed(
  connection: SqlConnection,
  id: string,
  versions: readonly string[],
): Promise<boolean> {
  for (const version of versions) {
    const rows = await connection.all<{ credential_id: string }>(
      'select credential_id from deleted_version where version_id = ?',
      [version],
    );
    if (rows[0]?.credential_id !== id) return false;
  }
  return true;
}
