import type { HeldCredential, HeldVersion } from '../../../domain/trail/held.js';
import { sha256 } from '../audit-trail.js';
import { placeholders, type SqlConnection } from '../connection.js';
import { VERSION_JOINS, VERSION_TIMES, type VersionTimes } from '../credential-rows.js';
import { parseTexts } from '../rows.js';
import { selected } from '../selected.js';

interface HeldRow {
  readonly key: number;
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly clientId: string | null;
  readonly scopes: string;
  readonly ownerId: string | null;
  readonly expiresAt: number | null;
  readonly canary: number;
}

const CREDENTIAL = selected<HeldRow>({
  key: 'key',
  id: 'id',
  name: 'name',
  type: 'type',
  status: 'status',
  clientId: 'client_id',
  scopes: 'scopes',
  ownerId: 'owner_id',
  expiresAt: 'expires_at',
  canary: 'canary',
});

interface HeldVersionRow extends VersionTimes {
  readonly key: number;
  readonly id: string;
  readonly number: number;
  readonly hash: string | null;
  readonly destinations: string;
  readonly graceMs: number | null;
  readonly receivedAt: number | null;
  readonly firstUsedAt: number | null;
}

const VERSION = selected<HeldVersionRow>({
  key: 'v.credential_key',
  id: 'v.id',
  number: 'v.number',
  hash: 'h.hash',
  ...VERSION_TIMES,
  destinations: 'v.destinations',
  graceMs: 'v.supersede_grace_ms',
  receivedAt: 'v.received_at',
  firstUsedAt: 'w.first_used_at',
});

/** The credentials after an id, in the order of ids, with all their versions. */
export async function heldAfter(
  connection: SqlConnection,
  after: string,
  limit: number,
): Promise<readonly HeldCredential[]> {
  const rows = await connection.tuples(
    `select ${CREDENTIAL.sql} from credential where id > ? order by id limit ${limit}`,
    [after],
  );
  return withVersions(
    connection,
    rows.map((row) => CREDENTIAL.read(row)),
  );
}

/** One credential with its versions; null where there is none. */
export async function heldCredential(connection: SqlConnection, id: string): Promise<HeldCredential | null> {
  const rows = await connection.tuples(`select ${CREDENTIAL.sql} from credential where id = ?`, [id]);
  const [held] = await withVersions(
    connection,
    rows.map((row) => CREDENTIAL.read(row)),
  );
  return held ?? null;
}

async function withVersions(
  connection: SqlConnection,
  rows: readonly HeldRow[],
): Promise<readonly HeldCredential[]> {
  if (rows.length === 0) return [];
  const versions = new Map<number, HeldVersion[]>(rows.map(({ key }) => [key, []]));
  const found = await connection.tuples(
    `select ${VERSION.sql} from version v ${VERSION_JOINS}
        left join version_hash h on h.version_id = v.id
          and h.credential_key = v.credential_key and h.number = v.number
      where v.credential_key in (${placeholders(rows.length)}) order by v.credential_key, v.number`,
    [...versions.keys()],
  );
  for (const row of found.map((values) => VERSION.read(values)))
    versions.get(row.key)?.push(toHeldVersion(row));
  return rows.map(({ key, scopes, canary, ...row }) => ({
    ...row,
    canary: canary === 1,
    scopes: parseTexts(scopes, 'list of scopes'),
    versions: versions.get(key) ?? [],
  }));
}

function toHeldVersion(row: HeldVersionRow): HeldVersion {
  const { key, hash, endedAs, destinations, receivedAt, firstUsedAt, ...rest } = row;
  return {
    ...rest,
    sha256: hash === null ? null : sha256(hash),
    ended: endedAs === null ? null : endedAs === 'lapsed' ? 'lapsed' : 'retired',
    mayHaveArrived: receivedAt !== null || firstUsedAt !== null || destinations !== 'stdout',
  };
}
