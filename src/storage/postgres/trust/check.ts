import type { Finding } from '../../../domain/ports/store-port.js';
import { FROM_BACKUP } from '../../check/check.js';
import { error } from '../../check/finding.js';
import type { PostgresPool } from '../connection/pool.js';
import { digestOf, SCHEMA_FUNCTIONS } from '../functions/functions.js';
import { distrustOf } from './distrust.js';
import { type Doubt, OPEN, OWN_PATH, trustQuery } from './query.js';

/**
 * Repeats the trust query, for what was added to the schema since this connection began, and compares the functions
 * by digest: findings for those missing or of an earlier schema.
 */
export function checkTrust(pool: PostgresPool): Promise<readonly Finding[]> {
  return pool.use(async (session) => {
    const { rows } = await session
      .execute(`begin; set local search_path = ${OWN_PATH}; ${trustQuery(true)}`)
      .finally(() => session.execute('rollback').catch(() => {}));
    const doubts = rows as readonly Doubt[];
    const present = new Set(doubts.map(({ detail }) => detail?.replace(OPEN, '')));
    const missing = SCHEMA_FUNCTIONS.filter((fn) => !present.has(digestOf(fn)));
    return [
      ...distrustOf(doubts).map(({ fact, fix }) => error('schema', fact, fix)),
      ...missing.map(({ name }) =>
        error('schema', `the function ${name} is missing or altered`, FROM_BACKUP),
      ),
    ];
  });
}
