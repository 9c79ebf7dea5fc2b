import { CredctlError } from '../../../domain/errors.js';
import type { StoreRole } from '../../../domain/ports/store-role.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';
import { isForbidden } from '../fault.js';
import { STOP_FOR_LEAK } from '../functions/stop-for-leak.js';
import { STORE_RIGHTS } from './store-rights.js';

/**
 * The error for SQLSTATE insufficient_privilege, with the role that would allow the statement; null for other
 * faults.
 *
 * @param text the statement
 */
export function explainedRefusal(fault: unknown, text: string): CredctlError | null {
  if (!isForbidden(fault)) return null;
  const role = roleFor(text);
  if (role === null) {
    return new CredctlError('denied', 'this login may not create a store in the database', {
      hint: 'ask for the right to create a schema in the database, or for your own schema credctl',
      cause: fault,
    });
  }
  return new CredctlError('denied', `this login may not ${TASKS[role]} in the database`, {
    hint: hintFor(role),
    cause: fault,
  });
}

/** Tables that `serve` reads. */
const READ = [
  ...['store', 'generation', 'catalog', 'owner', 'credential', 'version', 'version_hash', 'access_token'],
  ...['last_use', 'leak'],
];

/** The roles of a server. */
export type ServingRole = Extract<StoreRole, 'verifier' | 'responder'>;

/**
 * Checks, before the first request, that the login has all rights that a server needs.
 *
 * @param schema what it has of tables and functions
 * @param role the one that the server takes
 * @throws CredctlError `denied`, with the role that it takes
 */
export async function requireServing(
  connection: SqlConnection,
  schema: { has(name: string): boolean },
  role: ServingRole,
): Promise<void> {
  const functions = STORE_RIGHTS[role].functions.filter(({ name }) => schema.has(name));
  const lacksFunction = `(select count(*) from pg_catalog.pg_proc p where p.pronamespace = 'credctl'::regnamespace::oid
      and p.proname in (${functions.map(({ name }) => `'${name}'`).join(', ')})
      and pg_catalog.has_function_privilege(p.oid, 'execute')) < ${functions.length}`;
  const lacking = [
    ...READ.filter((table) => schema.has(table)).map(
      (table) => `not pg_catalog.has_table_privilege('credctl.${table}', 'select')`,
    ),
    lacksFunction,
  ].join(' or ');
  const found = await firstRow<{ lacks: string }>(connection, `select (${lacking})::text as lacks`);
  if (found?.lacks === 'false') return;
  throw new CredctlError('denied', `this login may not ${TASKS[role]} in the database`, {
    hint: hintFor(role),
  });
}

function hintFor(role: StoreRole): string {
  const more = role === 'admin' ? '' : ' (or admin, who may do everything)';
  return `the login needs the role ${role}${more}: credctl store grant ${role} --to DBROLE`;
}

const TASKS: Readonly<Record<StoreRole, string>> = {
  admin: 'change credentials',
  auditor: 'read this part of the store',
  verifier: 'verify secrets',
  responder: 'stop what has leaked',
};

/** The least role that a statement needs; null when no role suffices, as for DDL. */
function roleFor(text: string): StoreRole | null {
  if (/^\s*(?:create|comment|alter|grant)\b/i.test(text)) return null;
  // Read only on the way to a change: tombstones of earlier secrets, and numbers that are taken.
  if (/\bjoin tombstone\b|\bleftover\b/i.test(text)) return 'admin';
  if (text.includes(`credctl.${STOP_FOR_LEAK.name}(`)) return 'responder';
  if (CALL.test(text)) return 'verifier';
  if (/\b(?:version_hash|access_token)\b/.test(text) && /^\s*select\b/i.test(text)) return 'verifier';
  return /^\s*select\b/i.test(text) && !/\bfor update\b/i.test(text) ? 'auditor' : 'admin';
}

/** A call of a SECURITY DEFINER function of the store. */
const CALL = new RegExp(
  `\\bcredctl\\.(?:${STORE_RIGHTS.verifier.functions.map(({ name }) => name).join('|')})\\(`,
);
