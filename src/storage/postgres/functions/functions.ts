import { createHash } from 'node:crypto';
import { DELETE_TOKEN, PURGE_TOKENS } from './end-tokens.js';
import { ISSUE_TOKENS } from './issue-tokens.js';
import { RECORD_USES } from './record-uses.js';
import type { SchemaFunction } from './schema-function.js';

export type { SchemaFunction } from './schema-function.js';

/** Every function of a store, in the order in which they are made. A schema that has another one is refused. */
export const SCHEMA_FUNCTIONS: readonly SchemaFunction[] = [
  ISSUE_TOKENS,
  RECORD_USES,
  DELETE_TOKEN,
  PURGE_TOKENS,
];

/** Digests of what earlier schemas had in place of these; a store that is to be migrated has them. */
export const FORMER_DIGESTS: readonly string[] = [];

/** What each of them is called with: nothing that a caller has made is found by a name in its body. */
const SETTINGS = 'search_path=pg_catalog, pg_temp';

/** The statements that make a function which nobody may call yet, in place of an earlier one. */
export function creationOf(fn: SchemaFunction): string {
  const { name, language, volatility, body } = fn;
  return `create or replace function credctl.${name}(${fn.arguments}) returns ${fn.returns}
    language ${language} ${volatility} security definer set search_path = pg_catalog, pg_temp
    as $credctl$${body}$credctl$;
    revoke all on function credctl.${name} from public`;
}

/** Every property of a function that decides what it does, of `pg_proc p`, as a text of which {@link digestOf} has the digest. */
export const PROPERTIES = `pg_catalog.concat_ws(E'\\n', p.proname, pg_catalog.pg_get_function_arguments(p.oid),
  pg_catalog.pg_get_function_result(p.oid), (select l.lanname from pg_catalog.pg_language l where l.oid = p.prolang),
  p.provolatile, p.prosecdef, p.proconfig, p.prokind, p.proisstrict, p.proleakproof, p.prosupport, p.prosqlbody is null,
  p.prosrc)`;

/** The digest that a function of ours has, which PostgreSQL makes of {@link PROPERTIES}. */
export function digestOf(fn: SchemaFunction): string {
  const volatility = fn.volatility === 'volatile' ? 'v' : 's';
  const properties = [
    ...[fn.name, fn.arguments, fn.returns, fn.language, volatility],
    ...['t', `{"${SETTINGS}"}`, 'f', 'f', 'f', '-', 't', fn.body],
  ];
  return createHash('sha256').update(properties.join('\n')).digest('hex');
}

/** Makes every function of a store, which nobody but its owner may call yet. */
export async function createFunctions(session: { execute(text: string): Promise<unknown> }): Promise<void> {
  for (const fn of SCHEMA_FUNCTIONS) await session.execute(creationOf(fn));
}
