import type { Inspected, InspectionRequest } from '../../../domain/ports/serving-port.js';
import { DATABASE_TIME } from '../../postgres/connection/clock.js';
import type { PostgresSession } from '../../postgres/connection/pool.js';
import { asPresent } from '../../postgres/earlier/as-present.js';
import type { SchemaInUse } from '../../postgres/earlier/schema-in-use.js';
import {
  CREDENTIAL,
  CREDENTIAL_JOINS,
  toCredential,
  toVersion,
  VERSION,
  VERSION_JOINS,
  VERSION_OF_HASH,
} from '../../sql/credential-rows.js';
import { altered } from '../../sql/rows.js';
import { TOKEN, toToken } from '../../sql/token-rows.js';

/** Answers to a batch of lookups, all from one snapshot. */
export interface LookupBatch {
  /** The database's clock, in epoch milliseconds, read after the snapshot was taken. */
  readonly now: number;
  readonly generation: number;
  /** In the order of the requests. */
  readonly found: readonly Inspected[];
}

/** One row per lookup; for an empty batch, one row with only time and generation. */
const LOOK = `select ${DATABASE_TIME}, g.value, a.place, h.hash, ${TOKEN.sql}, ${VERSION.sql}, ${CREDENTIAL.sql}
  from generation g
    left join rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::bool[])) with ordinality as a (id, is_token, place) on true
    left join access_token t on a.is_token and t.id = a.id
    left join version_hash h on h.version_id = case when a.is_token then t.version_id else a.id end
    left ${VERSION_OF_HASH}
    ${VERSION_JOINS}
    left join credential c on c.key = v.credential_key ${CREDENTIAL_JOINS}`;

type Row = readonly (string | number | null)[];

/** The same on the earlier schema. */
const LOOK_EARLIER = asPresent(LOOK);

/**
 * Answers all lookups by one prepared statement, hence from one snapshot. While the schema is the earlier one, the
 * database is asked for its number first, so that a migration is noticed.
 *
 * @throws CredctlError when the row of the generation is missing
 */
export async function lookupAll(
  session: PostgresSession,
  schema: SchemaInUse,
  asked: readonly InspectionRequest[],
): Promise<LookupBatch> {
  const [name, text] = (await schema.ask(session)) ? ['look_earlier', LOOK_EARLIER] : ['look', LOOK];
  const rows = await session.preparedTuples<Row>(name, text, [
    asked.map(({ id }) => id),
    asked.map(({ kind }) => kind === 'token'),
  ]);
  const [first] = rows;
  if (first === undefined) throw altered('count of its changes');
  const found = asked.map((): Inspected => ({ token: null, version: null, lastUsedAt: null }));
  let now = 0;
  for (const row of rows) {
    const [time, , place, hash] = row;
    now = Math.max(now, Number(time));
    if (place !== null && place !== undefined) found[Number(place) - 1] = toFound(hash ?? null, row);
  }
  return { now, generation: Number(first[1]), found };
}

/** Index of the token's first column, after time, generation, place and hash. */
const FIRST = 4;

/** The outer joins yield null ids where nothing was found. */
function toFound(hash: string | number | null, values: Row): Inspected {
  const token = TOKEN.read(values, FIRST);
  const version = VERSION.read(values, FIRST + TOKEN.count);
  const row = CREDENTIAL.read(values, FIRST + TOKEN.count + VERSION.count);
  const isToken = (token.id as string | null) !== null;
  const isVersion = hash !== null && (row.id as string | null) !== null;
  const credential = isVersion ? toCredential(row, [], null) : null;
  const found = credential && toVersion(version, credential.id);
  return {
    token: isToken ? toToken(token) : null,
    version: credential && found && { version: found, credential, hash: String(hash) },
    lastUsedAt: found?.lastUsedAt ?? null,
  };
}
