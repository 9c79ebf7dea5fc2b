import { createHash } from 'node:crypto';
import { DELETE_TOKEN, PURGE_TOKENS } from './end-tokens.js';
import { ISSUE_TOKENS } from './issue-tokens.js';
import { RECORD_LEAKS } from './record-leaks.js';
import { RECORD_USES } from './record-uses.js';
import type { SchemaFunction } from './schema-function.js';
import { STOP_FOR_LEAK } from './stop-for-leak.js';

export type { SchemaFunction } from './schema-function.js';

/** Every function of a store, in the order of creation. A schema that contains any other is refused. */
export const SCHEMA_FUNCTIONS: readonly SchemaFunction[] = [
  ISSUE_TOKENS,
  RECORD_USES,
  DELETE_TOKEN,
  PURGE_TOKENS,
  RECORD_LEAKS,
  STOP_FOR_LEAK,
];

/** Digests of the functions of earlier schemas, which a store to be migrated still has. */
export const FORMER_DIGESTS: readonly string[] = [
  // issue_tokens of schema 4
  'b902c4cb2e5ba9c334d598db2b7f26268c34ea9403bc4faa3b94af807a917e0a',
];

/**
 * Each function's search_path: names in its body are resolved in `pg_catalog` before any other schema, so no object
 * of a caller is found.
 */
const SETTINGS = 'search_path=pg_catalog, pg_temp';

/** The statements that create or replace a function as SECURITY DEFINER, without EXECUTE for `public`. */
export function creationOf(fn: SchemaFunction): string {
  const { name, language, volatility, body } = fn;
  return `create or replace function credctl.${name}(${fn.arguments}) returns ${fn.returns}
    language ${language} ${volatility} security definer set search_path = pg_catalog, pg_temp
    as $credctl$${body}$credctl$;
    revoke all on function credctl.${name} from public`;
}

/** SQL text of all properties of a function `pg_proc p` that decide what it does, the input of {@link digestOf}. */
export const PROPERTIES = `pg_catalog.concat_ws(E'\\n', p.proname, pg_catalog.pg_get_function_arguments(p.oid),
  pg_catalog.pg_get_function_result(p.oid), (select l.lanname from pg_catalog.pg_language l where l.oid = p.prolang),
  p.provolatile, p.prosecdef, p.proconfig, p.prokind, p.proisstrict, p.proleakproof, p.prosupport, p.prosqlbody is null,
  p.prosrc)`;

/** The expected digest (SHA-256, hexadecimal) of a function, as PostgreSQL computes it of {@link PROPERTIES}. */
export function digestOf(fn: SchemaFunction): string {
  const volatility = fn.volatility === 'volatile' ? 'v' : 's';
  const properties = [
    ...[fn.name, fn.arguments, fn.returns, fn.language, volatility],
    ...['t', `{"${SETTINGS}"}`, 'f', 'f', 'f', '-', 't', fn.body],
  ];
  return createHash('sha256').update(properties.join('\n')).digest('hex');
}

/** Creates every function of a store; until rights are granted, only its owner may call them. */
export async function createFunctions(session: { execute(text: string): Promise<unknown> }): Promise<void> {
  for (const fn of SCHEMA_FUNCTIONS) await session.execute(creationOf(fn));
}
