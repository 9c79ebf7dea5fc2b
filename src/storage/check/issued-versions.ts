import type { Finding } from '../../domain/ports/store-port.js';
import { ID_LENGTH } from '../../domain/secret/secret-format.js';
import { shellWord } from '../../domain/text/quote.js';
import { firstRow, type SqlConnection } from '../sql/connection.js';

/** The expression for a detail, as text or a number, of the event in the given column. */
export type DetailOf = (column: string, detail: string) => string;

/** Events that account for a version, with its number and its handle, which ends in the version's id. */
const ISSUES = `e.action in ('credential.create', 'credential.rotate')`;

const WHO = 'find out who wrote to the store past this program';

/** Compares the versions with an audit trail that is whole: each must have been issued, and each issue must be there. */
export async function checkAccounts(
  connection: SqlConnection,
  detailOf: DetailOf,
): Promise<readonly Finding[]> {
  return [...(await plantedVersions(connection, detailOf)), ...(await lostVersions(connection, detailOf))];
}

async function plantedVersions(connection: SqlConnection, detailOf: DetailOf): Promise<readonly Finding[]> {
  const rows = await connection.all<{ name: string; number: number }>(
    `select c.name, v.number from version v join credential c on c.key = v.credential_key
      where not exists (select 1 from audit_event e where e.target_id = c.id and ${ISSUES}
        and ${numberIn(detailOf)} = v.number and ${idIn(detailOf)} = v.id)
      order by c.name_key, v.number limit 20`,
    [],
  );
  return rows.map(({ name, number }) => ({
    check: 'accounts',
    severity: 'error',
    message: `version ${number} of ${name} was never issued: no audit event accounts for it`,
    fix: `credctl rotate ${shellWord(name)} --now, which revokes it; ${WHO}`,
  }));
}

async function lostVersions(connection: SqlConnection, detailOf: DetailOf): Promise<readonly Finding[]> {
  // A restore in which nothing could be carried over loses what was issued since the backup, and says so.
  const restored = await firstRow<{ seq: number | null }>(
    connection,
    `select max(seq) as seq from audit_event where action = 'store.restore'
      and ${detailOf('text', 'known_from')} <> 'present-store'`,
  );
  const rows = await connection.all<{ name: string | null; number: number }>(
    `select e.target_name as name, ${numberIn(detailOf)} as number from audit_event e
      where e.seq > ? and ${ISSUES}
        and not exists (select 1 from tombstone t where t.credential_id = e.target_id)
        and not exists (select 1 from version v join credential c on c.key = v.credential_key where c.id = e.target_id
          and v.number = ${numberIn(detailOf)} and v.id = ${idIn(detailOf)})
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

function numberIn(detailOf: DetailOf): string {
  return `cast(${detailOf('e.text', 'version')} as integer)`;
}

function idIn(detailOf: DetailOf): string {
  const handle = detailOf('e.text', 'handle');
  return `substr(${handle}, length(${handle}) - ${ID_LENGTH - 1})`;
}
