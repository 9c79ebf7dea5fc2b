import type { Finding } from '../domain/store-port.js';
import { firstRow, type SqlConnection } from './connection.js';

/** Events that account for a version, with its number and its handle, which ends in the version's id. */
const ISSUES = `e.action in ('credential.create', 'credential.rotate') and json_valid(e.text)`;
const NUMBER = "json_extract(e.text, '$.details.version')";
const ID = "substr(json_extract(e.text, '$.details.handle'), -12)";

const WHO = 'find out who wrote to the file';

/** Compares the versions with an audit trail that is whole: each must have been issued, and each issue must be there. */
export async function checkAccounts(connection: SqlConnection): Promise<readonly Finding[]> {
  return [...(await plantedVersions(connection)), ...(await lostVersions(connection))];
}

async function plantedVersions(connection: SqlConnection): Promise<readonly Finding[]> {
  const rows = await connection.all<{ name: string; number: number }>(
    `select c.name, v.number from version v join credential c on c.id = v.credential_id
      where not exists (select 1 from audit_event e where e.target_id = v.credential_id and ${ISSUES}
        and ${NUMBER} = v.number and ${ID} = v.id)
      order by c.name_key, v.number limit 20`,
    [],
  );
  return rows.map(({ name, number }) => ({
    check: 'accounts',
    severity: 'error',
    message: `version ${number} of ${name} was never issued: no audit event accounts for it`,
    fix: `credctl rotate ${name} --now, which revokes it; ${WHO}`,
  }));
}

async function lostVersions(connection: SqlConnection): Promise<readonly Finding[]> {
  // A restore in which nothing could be carried over loses what was issued since the backup, and says so.
  const restored = await firstRow<{ seq: number | null }>(
    connection,
    `select max(seq) as seq from audit_event where action = 'store.restore' and json_valid(text)
      and json_extract(text, '$.details.known_from') <> 'present-store'`,
  );
  const rows = await connection.all<{ name: string | null; number: number }>(
    `select e.target_name as name, ${NUMBER} as number from audit_event e
      where e.seq > ? and ${ISSUES}
        and not exists (select 1 from tombstone t where t.credential_id = e.target_id)
        and not exists (select 1 from version v where v.credential_id = e.target_id
          and v.number = ${NUMBER} and v.id = ${ID})
      order by e.seq limit 20`,
    [restored?.seq ?? 0],
  );
  return rows.map(({ name, number }) => ({
    check: 'accounts',
    severity: 'error',
    message: `version ${number} of ${name ?? 'a credential'} was issued, never deleted, and is not there`,
    fix: `restore the store from a backup; ${WHO}`,
  }));
}
