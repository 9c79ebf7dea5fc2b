import type { RecordedUse } from '../../../domain/ports/serving-port.js';
import { LAST_TIME } from '../../schema/tables.js';
import { LATER_USE } from '../../sql/versions.js';
import type { PostgresSession } from '../connection/session.js';
import { UseTransaction } from '../store-transaction.js';
import { readingAs } from './as-present.js';
import type { SchemaInUse } from './schema-in-use.js';

/** In one order by all servers, so that no two wait for each other. */
const RECORD_VERSION_USES = `insert into last_use (credential_key, number, first_used_at, last_used_at, last_used_from)
  select h.credential_key, h.number, u.first, u.last, u.address
    from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) as u (id, first, last, address)
      join version_hash h on h.version_id = u.id order by h.credential_key, h.number
  on conflict (credential_key, number) do update set ${LATER_USE}`;

const RECORD_CREDENTIAL_USES = `update last_use as u set last_used_at = latest.last, last_used_from = latest.address
  from (select c.credential_key, used.last, used.address
    from last_use c join (
      select distinct on (h.credential_key) h.credential_key, t.last, t.address
        from unnest($1::text[], $2::bigint[], $3::text[]) as t (id, last, address)
          join version_hash h on h.version_id = t.id
        order by h.credential_key, t.last desc
    ) as used on used.credential_key = c.credential_key
    where c.number = 0 and (c.last_used_at < used.last or c.last_used_at > ${LAST_TIME})
    order by c.credential_key for update of c) as latest
  where u.credential_key = latest.credential_key and u.number = 0`;

/** Records uses on a schema without functions, by the login's rights on the table. */
export async function recordOnTable(session: PostgresSession, uses: readonly RecordedUse[]): Promise<void> {
  const ids = uses.map(({ versionId }) => versionId);
  const [first, last] = [uses.map((use) => use.first), uses.map((use) => use.last)];
  const from = uses.map((use) => use.from);
  await session.prepared('version_uses', RECORD_VERSION_USES, [ids, first, last, from]);
  await session.prepared('credential_uses', RECORD_CREDENTIAL_USES, [ids, last, from]);
}

/** A transaction that records uses on the earlier schema. */
export function earlierUseTransaction(session: PostgresSession, schema: SchemaInUse): UseTransaction {
  const reading = readingAs(session, schema);
  return schema.hasFunctions ? new UseTransaction(reading) : new UseTransactionOnTable(reading);
}

class UseTransactionOnTable extends UseTransaction {
  override recordUse(versionId: string, now: number, from: string | null): Promise<void> {
    return recordOnTable(this.session, [{ versionId, first: now, last: now, from }]);
  }
}
