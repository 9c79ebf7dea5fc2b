import type { LookupResult } from '../../../domain/ports/serving-port.js';
import { DATABASE_TIME } from '../../postgres/connection/clock.js';
import type { PostgresSession } from '../../postgres/connection/pool.js';
import {
  CREDENTIAL_COLUMNS,
  CREDENTIAL_JOINS,
  type CredentialRow,
  toCredential,
  toVersion,
  VERSION_COLUMNS,
  VERSION_JOINS,
  VERSION_OF_HASH,
  type VersionRow,
} from '../../sql/credential-rows.js';
import { altered } from '../../sql/rows.js';
import { TOKEN_COLUMNS, type TokenRow, toToken } from '../../sql/token-rows.js';

/** What is looked for. */
export interface LookupRequest {
  readonly kind: 'version' | 'token';
  readonly id: string;
}

/** The answers to questions that were asked at once: all of them as of one moment. */
export interface LookupBatch {
  /** The database's time, in epoch milliseconds, after that moment. */
  readonly now: number;
  readonly generation: number;
  /** In the order of the questions. */
  readonly found: readonly Pick<LookupResult, 'token' | 'version'>[];
}

/** The hash comes first of the version's. */
const HASHED_COLUMNS = `h.hash, ${VERSION_COLUMNS}`;

const [TOKEN, VERSION, CREDENTIAL] = [TOKEN_COLUMNS, HASHED_COLUMNS, CREDENTIAL_COLUMNS].map(
  (columns) => columns.split(',').length,
) as [number, number, number];

/** One row for each question, and one with nothing but time and generation where there is none. */
const LOOK = `select ${DATABASE_TIME}, g.value, a.place, ${TOKEN_COLUMNS}, ${HASHED_COLUMNS}, ${CREDENTIAL_COLUMNS}
  from generation g
    left join rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::bool[])) with ordinality as a (id, is_token, place) on true
    left join access_token t on a.is_token and t.id = a.id
    left join version_hash h on h.version_id = case when a.is_token then t.version_id else a.id end
    left ${VERSION_OF_HASH}
    ${VERSION_JOINS}
    left join credential c on c.key = v.credential_key ${CREDENTIAL_JOINS}`;

type Row = readonly (string | number | null)[];

/** Asks everything in one statement, which sees the store as it is at one moment. */
export async function lookupAll(
  session: PostgresSession,
  asked: readonly LookupRequest[],
): Promise<LookupBatch> {
  const rows = await session.preparedTuples<Row>('look', LOOK, [
    asked.map(({ id }) => id),
    asked.map(({ kind }) => kind === 'token'),
  ]);
  const [first] = rows;
  if (first === undefined) throw altered('count of its changes');
  const found = asked.map((): Pick<LookupResult, 'token' | 'version'> => ({ token: null, version: null }));
  let now = 0;
  for (const [time, , place, ...columns] of rows) {
    now = Math.max(now, Number(time));
    if (place !== null && place !== undefined) found[Number(place) - 1] = toFound(columns);
  }
  return { now, generation: Number(first[1]), found };
}

function toFound(columns: Row): Pick<LookupResult, 'token' | 'version'> {
  const token = columns.slice(0, TOKEN);
  const [hash, ...version] = columns.slice(TOKEN, TOKEN + VERSION);
  const credential = columns.slice(TOKEN + VERSION, TOKEN + VERSION + CREDENTIAL);
  return {
    token: token[0] === null ? null : toToken(token as unknown as TokenRow),
    version:
      version[0] === null || credential[0] === null
        ? null
        : sighted(String(hash), version as unknown as VersionRow, credential as unknown as CredentialRow),
  };
}

function sighted(hash: string, version: VersionRow, row: CredentialRow): LookupResult['version'] {
  const credential = toCredential(row, []);
  return { version: toVersion(version, credential.id), credential, hash };
}
