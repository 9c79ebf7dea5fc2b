import type { HeldCredential, HeldVersion } from '../../domain/trail/held.js';
import { sha256 } from '../sql/audit-trail.js';
import { placeholders, type SqlConnection } from '../sql/connection.js';
import { VERSION_JOINS } from '../sql/credential-rows.js';
import { parseTexts } from '../sql/rows.js';

type HeldRow = readonly [
  key: number,
  id: string,
  name: string,
  type: string,
  status: string,
  clientId: string | null,
  scopes: string,
  ownerId: string | null,
  expiresAt: number | null,
];

type HeldVersionRow = readonly [
  key: number,
  id: string,
  number: number,
  hash: string | null,
  deliveredAt: number | null,
  lapsesAt: number | null,
  retiresAt: number | null,
  revokedAt: number | null,
  endedAs: string | null,
  destinations: string,
  graceMs: number | null,
  receivedAt: number | null,
  firstUsedAt: number | null,
  endedAt: number | null,
];

const COLUMNS = 'key, id, name, type, status, client_id, scopes, owner_id, expires_at';

/** The credentials that come after an id, in the order of ids, with all their versions. */
export async function heldAfter(
  connection: SqlConnection,
  after: string,
  limit: number,
): Promise<readonly HeldCredential[]> {
  const rows = await connection.tuples<HeldRow>(
    `select ${COLUMNS} from credential where id > ? order by id limit ${limit}`,
    [after],
  );
  return withVersions(connection, rows);
}

/** One credential; null where there is none. */
export async function heldCredential(connection: SqlConnection, id: string): Promise<HeldCredential | null> {
  const rows = await connection.tuples<HeldRow>(`select ${COLUMNS} from credential where id = ?`, [id]);
  return (await withVersions(connection, rows))[0] ?? null;
}

async function withVersions(
  connection: SqlConnection,
  rows: readonly HeldRow[],
): Promise<readonly HeldCredential[]> {
  if (rows.length === 0) return [];
  const versions = new Map<number, HeldVersion[]>(rows.map(([key]) => [key, []]));
  const found = await connection.tuples<HeldVersionRow>(
    `select v.credential_key, v.id, v.number, h.hash, v.delivered_at, v.lapses_at, v.retires_at, v.revoked_at, v.ended_as,
        v.destinations, v.supersede_grace_ms, v.received_at, w.first_used_at, v.ended_at
      from version v ${VERSION_JOINS}
        left join version_hash h on h.version_id = v.id
          and h.credential_key = v.credential_key and h.number = v.number
      where v.credential_key in (${placeholders(rows.length)}) order by v.credential_key, v.number`,
    [...versions.keys()],
  );
  for (const row of found) versions.get(row[0])?.push(toHeldVersion(row));
  return rows.map((row) => toHeld(row, versions.get(row[0]) ?? []));
}

function toHeld(row: HeldRow, versions: readonly HeldVersion[]): HeldCredential {
  const [, id, name, type, status, clientId, scopes, ownerId, expiresAt] = row;
  return {
    id,
    name,
    type,
    status,
    clientId,
    scopes: parseTexts(scopes, 'list of scopes'),
    ownerId,
    expiresAt,
    versions,
  };
}

function toHeldVersion(row: HeldVersionRow): HeldVersion {
  const [, id, number, hash, deliveredAt, lapsesAt, retiresAt, revokedAt, endedAs, ...others] = row;
  const [destinations, graceMs, receivedAt, firstUsedAt, endedAt] = others;
  return {
    id,
    number,
    sha256: hash === null ? null : sha256(hash),
    deliveredAt,
    lapsesAt,
    retiresAt,
    revokedAt,
    graceMs,
    ended: endedAs === null ? null : endedAs === 'lapsed' ? 'lapsed' : 'retired',
    endedAt,
    mayHaveArrived: receivedAt !== null || firstUsedAt !== null || destinations !== 'stdout',
  };
}
