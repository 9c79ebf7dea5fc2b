import type { StoreRole } from '../../../domain/ports/store-role.js';
import { DELETE_TOKEN, PURGE_TOKENS } from '../functions/end-tokens.js';
import { ISSUE_TOKENS } from '../functions/issue-tokens.js';
import { RECORD_LEAKS } from '../functions/record-leaks.js';
import { RECORD_USES } from '../functions/record-uses.js';
import type { SchemaFunction } from '../functions/schema-function.js';
import { STOP_FOR_LEAK } from '../functions/stop-for-leak.js';

type TableRight = 'select' | 'insert' | 'update' | 'delete';

/** Rights of a role on tables, and the functions that it may call for everything else. */
export interface RoleRights {
  readonly tables: readonly (readonly [right: TableRight, tables: readonly string[]])[];
  readonly functions: readonly SchemaFunction[];
}

const SETTINGS = ['schema_number', 'store', 'generation', 'catalog'];
const CREDENTIALS = ['owner', 'credential', 'credential_scope', 'credential_label', 'version'];
const USES = ['last_use'];
const LEAKS = ['leak'];
const HASHES = ['version_hash', 'access_token'];
const TRAIL = ['audit_head', 'audit_event', 'tombstone', 'deleted_version'];
const DERIVED = ['leftover', 'api_lifetime'];

/** Functions by which a server writes. */
const SERVING = [ISSUE_TOKENS, RECORD_USES, DELETE_TOKEN, PURGE_TOKENS, RECORD_LEAKS];

/** What a server reads. */
const SERVED: RoleRights['tables'] = [
  ['select', [...SETTINGS, ...CREDENTIALS, ...USES, ...LEAKS, ...HASHES]],
];

/**
 * Least privilege: no more tables than a role needs. No role may change or delete in the audit trail, only append.
 * A server's login has no write right on any table, since UPDATE or DELETE would also allow locking its rows and
 * the whole table.
 */
export const STORE_RIGHTS: Readonly<Record<StoreRole, RoleRights>> = {
  admin: {
    tables: [
      ['select', [...SETTINGS, ...CREDENTIALS, ...USES, ...LEAKS, ...HASHES, ...TRAIL, ...DERIVED]],
      [
        'insert',
        [...CREDENTIALS, ...USES, ...HASHES, ...DERIVED, 'audit_event', 'tombstone', 'deleted_version'],
      ],
      [
        'update',
        [
          ...[...CREDENTIALS, ...USES, ...LEAKS, ...HASHES, ...DERIVED],
          ...['store', 'generation', 'catalog', 'audit_head'],
        ],
      ],
      ['delete', [...CREDENTIALS, ...USES, ...HASHES, ...DERIVED]],
    ],
    functions: SERVING,
  },
  auditor: {
    tables: [['select', [...SETTINGS, ...CREDENTIALS, ...USES, ...LEAKS, ...TRAIL]]],
    functions: [],
  },
  verifier: { tables: SERVED, functions: SERVING },
  responder: { tables: SERVED, functions: [...SERVING, STOP_FOR_LEAK] },
};

/**
 * The GRANT statements that give a database role the rights of a role of the store.
 *
 * @param grantee quoted as an SQL identifier
 */
export function grantsOf(role: StoreRole, grantee: string): readonly string[] {
  const { tables, functions } = STORE_RIGHTS[role];
  const rights = [
    'usage on schema credctl',
    ...tables.map(([right, names]) => `${right} on ${names.map((name) => `credctl.${name}`).join(', ')}`),
    ...functions.map(({ name }) => `execute on function credctl.${name}`),
  ];
  return rights.map((right) => `grant ${right} to ${grantee}`);
}
