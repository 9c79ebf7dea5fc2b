import type pg from 'pg';
import { SCHEMA_NUMBER } from '../../schema/number.js';
import { ASK_DOUBTS, distrustOf, mayBeNewer, refusal } from '../trust/distrust.js';
import type { Doubt } from '../trust/query.js';
import type { Patience } from './patience.js';
import { requireTarget, type SessionTarget } from './session-target.js';

/** The store's own schema: an application's tables in the same database may have the same names. */
export const SCHEMA = 'credctl';

/** search_path: names are resolved in `pg_catalog` first (implicitly), then in our schema, temporary objects last. */
export const SEARCH_PATH = `${SCHEMA}, pg_temp`;

/**
 * The first statements of every session. The schema is checked for foreign objects before search_path includes it.
 * Timeouts bound every wait, and synchronous_commit makes commits durable, whatever the settings of the database or
 * role.
 */
const beginning = ({
  busySeconds,
}: Patience): string => `set quote_all_identifiers = off; ${ASK_DOUBTS}; set search_path = ${SEARCH_PATH};
  set statement_timeout = '${busySeconds}s'; set lock_timeout = '${busySeconds}s';
  set idle_in_transaction_session_timeout = '30s'; set standard_conforming_strings = on;
  set default_transaction_isolation = 'read committed';
  set client_min_messages = error; set jit = off;
  select pg_catalog.set_config('synchronous_commit', 'on', false)
    where pg_catalog.current_setting('synchronous_commit') = 'off';
  select pg_catalog.pg_backend_pid() as backend, pg_catalog.pg_is_in_recovery()::text as is_standby,
    pg_catalog.current_setting('transaction_read_only') as is_read_only`;

/** Resets these settings: a pooler may hand the session to another client. */
const UNSETTING = [
  'search_path',
  'quote_all_identifiers',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'default_transaction_isolation',
  'standard_conforming_strings',
  'client_min_messages',
  'jit',
  'synchronous_commit',
]
  .map((setting) => `reset ${setting}`)
  .join('; ');

/** Limited to one second. */
export const UNSET = { text: UNSETTING, query_timeout: 1_000 };

/**
 * Gives a new session its settings.
 *
 * @returns the process id of its backend
 * @throws CredctlError `denied` when the schema of the store holds what could run with the rights of this login;
 *   `store_unavailable` when the session is not what the target asks for
 */
export async function beginSession(
  client: pg.ClientBase,
  patience: Patience,
  { location, target }: { readonly location: string; readonly target: SessionTarget },
): Promise<number> {
  const query = { text: beginning(patience), query_timeout: patience.sessionSeconds * 1_000 };
  const results: pg.QueryResult | pg.QueryResult[] = await client.query(query);
  const answers = Array.isArray(results) ? results : [];
  // Results 0 and 1 are those of the SET statements before the question, which decide how it resolves and shows
  // names.
  const doubts: readonly Doubt[] = answers[2]?.rows ?? [];
  const distrusted = distrustOf(doubts);
  if (distrusted.length > 0 && !(mayBeNewer(doubts) && (await isNewer(client)))) {
    throw refusal(location, distrusted);
  }
  const [row] = answers.at(-1)?.rows ?? [];
  requireTarget(target, row, location);
  return Number(row?.backend);
}

/** A newer store is refused as such by a later check; until then its unknown functions must not be reported. */
async function isNewer(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client
    .query(`select value from ${SCHEMA}.schema_number`)
    .catch(() => ({ rows: [] }));
  return Number(rows[0]?.value) > SCHEMA_NUMBER;
}
