import { conflictError } from '../../domain/errors.js';
import type { CopyTarget } from '../../domain/ports/copy-port.js';
import {
  PATIENT_ANSWER_MS,
  PostgresPool,
  type PostgresSession,
  SCHEMA,
} from '../postgres/connection/pool.js';
import { parsePostgresUrl } from '../postgres/connection/url.js';
import { beingMade, type CopyLock, lockCopy } from '../postgres/copy-lock.js';
import { createFunctions } from '../postgres/functions/functions.js';
import { isTaken, lookInto, makeSchema, requireOwn } from '../postgres/schema/schema.js';
import { createTextIndex } from '../postgres/schema/text-index.js';
import { inTransaction } from '../postgres/transaction.js';
import { POSTGRES } from '../schema/dialects.js';
import { schemaStatements } from '../schema/statements.js';
import { noteBeginning, requireSameCopy, UNFINISHED_TABLE } from '../sql/unfinished-copy.js';
import { PostgresDraft } from './postgres-draft.js';

/** A database as the target of a copy. */
export function postgresTarget(url: string): CopyTarget {
  const pool = new PostgresPool(parsePostgresUrl(url, process.env));
  return {
    engine: 'postgres',
    location: pool.location,
    async open(sourceId, now) {
      const { session, giveBack, explain } = await pool.lend(PATIENT_ANSWER_MS);
      let lock: CopyLock | null = null;
      try {
        await session.execute('set statement_timeout = 0');
        const isResumed = await beginOrFind(pool, session, { sourceId, now });
        lock = await lockCopy(pool);
        await requireOwn(lock.session, pool.location);
        await requireOurs(session, pool.location, sourceId);
        return new PostgresDraft(pool, { session, explain, giveBack, lock }, isResumed);
      } catch (fault) {
        const explained = await explain(fault);
        await lock?.release();
        giveBack();
        throw explained;
      }
    },
    close: () => pool.close(),
  };
}

/** @returns whether there is a copy to resume */
async function beginOrFind(
  pool: PostgresPool,
  session: PostgresSession,
  { sourceId, now }: { readonly sourceId: string; readonly now: number },
): Promise<boolean> {
  const { location } = pool;
  if (await isUnfinished(session, location)) return true;
  try {
    await inTransaction(pool, '', (transaction) => begin(transaction, location, sourceId, now));
    return false;
  } catch (fault) {
    throw isTaken(fault) ? beingMade(location) : fault;
  }
}

/** @throws CredctlError `conflict` when there is a store */
async function isUnfinished(session: PostgresSession, location: string): Promise<boolean> {
  const found = await lookInto(session, location);
  if (found.state !== 'store') return found.state === 'unfinished';
  throw conflictError(
    `a store exists already in ${location}`,
    'nothing was overwritten; name an empty database with --to',
  );
}

/** Checked again under the lock: a concurrent command may have completed the copy, or begun one of another store. */
async function requireOurs(session: PostgresSession, location: string, sourceId: string): Promise<void> {
  if (!(await isUnfinished(session, location))) throw beingMade(location);
  const remedy = `remove it, or name another database: drop schema ${SCHEMA} cascade`;
  await requireSameCopy(session, sourceId, location, remedy);
}

async function begin(
  session: PostgresSession,
  location: string,
  sourceId: string,
  now: number,
): Promise<void> {
  await makeSchema(session, location);
  for (const statement of schemaStatements(POSTGRES)) await session.run(statement, []);
  await createFunctions(session);
  await createTextIndex(session);
  await session.execute(UNFINISHED_TABLE);
  await noteBeginning(session, sourceId, now);
}
