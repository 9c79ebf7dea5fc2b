import { CredctlError } from '../../domain/errors.js';
import type { Finding } from '../../domain/ports/store-port.js';
import { type Ask, checkStore, type EngineChecks, FROM_BACKUP } from '../check/check.js';
import { error } from '../check/finding.js';
import { FIX_IN_DATABASE } from '../check/trail.js';
import { firstRow } from '../sql/connection.js';
import { searchFindings } from './check-search.js';
import { type PostgresPool, SCHEMA } from './connection/pool.js';
import { sqlStateOf } from './fault.js';
import { lifetimeFindings } from './functions/check-lifetimes.js';
import { leftoverFindings } from './functions/leftovers.js';
import { checkDefaultRights } from './roles/default-rights.js';
import { checkRights } from './roles/granted-rights.js';
import { checkSchema } from './schema/schema-check.js';
import { inSnapshot } from './snapshot.js';
import { checkTrust } from './trust/check.js';

/** SQLSTATE read_only_sql_transaction: a write in a read-only transaction. */
const READ_ONLY = '25006';

/**
 * Checks a store in a PostgreSQL database; the content is checked in one snapshot.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `denied` when the login may not read all of the store
 */
export async function checkPostgres(pool: PostgresPool, now: number): Promise<readonly Finding[]> {
  const distrusted = await checkTrust(pool);
  const [{ findings, notes }, searching] = [await structureOf(pool), await searchFindings(pool.connection)];
  const rights = [...(await checkRights(pool.connection)), ...(await checkDefaultRights(pool.connection))];
  const checks: EngineChecks = {
    structure: async () => [...distrusted, ...findings],
    references: brokenReferences,
    unknownHash: String.raw`h.hash !~ '^(\$2[aby]\$(0[4-9]|1[0-6])\$|\$sha256\$)'`,
    leftovers: async (ask) => [...(await leftoverFindings(ask)), ...(await lifetimeFindings(ask))],
    isWiped: (key) => `not exists (select 1 from leftover w where w.credential_key = ${key})`,
    trailFix: FIX_IN_DATABASE,
    detailOf: (column, detail) => `(${column}::jsonb operator(pg_catalog.#>>) '{details,${detail}}'::text[])`,
  };
  try {
    return [
      ...(await inSnapshot(pool, (snapshot) => checkStore(snapshot, now, checks))),
      ...rights,
      ...notes,
      ...searching,
    ];
  } catch (fault) {
    if (!(fault instanceof CredctlError) || fault.code !== 'denied') throw fault;
    throw new CredctlError('denied', 'the database does not let this login check all of the store', {
      hint: 'it takes the role admin: credctl store grant admin --to DBROLE',
      cause: fault,
    });
  }
}

/** Compares the schema with temporary tables, which the server may refuse to make; then a note says so. */
async function structureOf(
  pool: PostgresPool,
): Promise<{ readonly findings: readonly Finding[]; readonly notes: readonly Finding[] }> {
  try {
    return { findings: await checkSchema(pool), notes: [] };
  } catch (fault) {
    const reason = await reasonOf(pool, fault);
    if (reason === null) throw fault;
    const note: Finding = {
      check: 'schema',
      severity: 'note',
      message: `the tables were not checked: ${reason.fact}`,
      fix: reason.fix,
    };
    return { findings: [], notes: [note] };
  }
}

/** Why no temporary tables could be made; null for other faults. */
async function reasonOf(
  { connection }: PostgresPool,
  fault: unknown,
): Promise<{ readonly fact: string; readonly fix: string } | null> {
  if (fault instanceof CredctlError && fault.code === 'denied') {
    return {
      fact: 'this login may not create temporary tables',
      fix: 'run the check as a role with the right TEMPORARY on the database',
    };
  }
  if (sqlStateOf(fault) !== READ_ONLY) return null;
  const found = await firstRow<{ is_standby: string }>(
    connection,
    'select pg_catalog.pg_is_in_recovery()::text as is_standby',
  );
  return found?.is_standby === 'true'
    ? { fact: 'this is a standby', fix: 'run the check on the primary server' }
    : { fact: 'this login is read-only', fix: 'run the check as a login that may write' };
}

interface Reference {
  readonly child: string;
  readonly column: string;
  readonly parent: string;
  readonly key: string;
  /** Both tables, quoted as SQL identifiers. */
  readonly child_table: string;
  readonly parent_table: string;
}

const REFERENCES = `select child.relname as child, pg_catalog.quote_ident(ca.attname::text) as column, parent.relname as parent,
    pg_catalog.quote_ident(pa.attname::text) as key, f.conrelid::regclass::text as child_table,
    f.confrelid::regclass::text as parent_table
  from pg_catalog.pg_constraint f join pg_catalog.pg_namespace n on n.oid = f.connamespace
    join pg_catalog.pg_class child on child.oid = f.conrelid join pg_catalog.pg_class parent on parent.oid = f.confrelid
    join pg_catalog.pg_attribute ca on ca.attrelid = f.conrelid and ca.attnum = f.conkey[1]
    join pg_catalog.pg_attribute pa on pa.attrelid = f.confrelid and pa.attnum = f.confkey[1]
  where f.contype = 'f' and n.nspname = '${SCHEMA}' order by 1, 2`;

async function brokenReferences(ask: Ask): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const { child, column, parent, key, child_table, parent_table } of await ask<Reference>(REFERENCES)) {
    const [orphan] = await ask(
      `select 1 from ${child_table} c where c.${column} is not null
        and not exists (select 1 from ${parent_table} p where p.${key} = c.${column}) limit 1`,
    );
    if (orphan !== undefined)
      found.push(error('references', `a row of ${child} belongs to no ${parent}`, FROM_BACKUP));
  }
  return found;
}
