import type { Executed } from '../connection/session.js';
import { STORE_RIGHTS } from '../roles/store-rights.js';
import { distrustOf, refusal } from '../trust/distrust.js';
import { type Doubt, OWN_PATH } from '../trust/query.js';
import { FOREIGN_STATE, PUT_ON_TABLES, TRUSTED_ANYWAY } from '../trust/table-doubts.js';

/** The tables that changes write to. */
const WRITTEN = [
  ...new Set(STORE_RIGHTS.admin.tables.flatMap(([right, tables]) => (right === 'select' ? [] : tables))),
].map((table) => `credctl.${table}`);

/**
 * Statements that lock the written tables in ROW EXCLUSIVE mode, which blocks DDL on them (triggers, rules), but no
 * other writers, and then query for triggers, rules, row policies and replaced tables; the last result lists the
 * doubts. The full query on the schema would cost every transaction several times as much.
 */
export const LOCK_AND_ASK = `set local search_path = ${OWN_PATH};
  lock table ${WRITTEN.join(', ')} in row exclusive mode;
  with relation as materialized (
    select c.oid, c.relname, c.relkind, c.relowner, ${FOREIGN_STATE} as is_foreign
    from pg_class c where c.oid = any (array[${WRITTEN.map((table) => `'${table}'`).join(', ')}]::regclass[])),
  stranger as (
    select 'pg_class'::regclass as classid, oid as objid from relation where relkind <> 'r' or is_foreign
    union all ${PUT_ON_TABLES})
  select distinct 'object' as kind, concat_ws(' ', i.type, i.identity) as name, null as detail
    from stranger s, pg_identify_object(s.classid, s.objid, 0) i
  union all select 'relation', oid::regclass::text, relowner::regrole::text from relation
    where relowner not in (${TRUSTED_ANYWAY}) and relname <> 'audit_head'
      and relowner not in (select relowner from relation where relname = 'audit_head')`;

/** Index of {@link LOCK_AND_ASK}'s answer, after those of `begin`, `set` and `lock`. */
const ANSWER = 3;

/**
 * Checks, under the locks, that nothing was attached to the tables since the session began.
 *
 * @param answers of a transaction that began with {@link LOCK_AND_ASK}
 * @throws CredctlError `denied`
 */
export function requireUnchanged(location: string, answers: readonly Executed[]): void {
  const answer = answers[ANSWER];
  if (answer?.command !== 'SELECT') throw new TypeError('what is on the tables was asked for');
  const distrusted = distrustOf(answer.rows as readonly Doubt[]);
  if (distrusted.length > 0) throw refusal(location, distrusted, 'this change was not made');
}
