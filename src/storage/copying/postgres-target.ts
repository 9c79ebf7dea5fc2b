import type { CopyDraft, CopyTarget } from '../../domain/copy-port.js';
import { conflictError } from '../../domain/errors.js';
import type { SqlConnection } from '../connection.js';
import { MIGRATIONS } from '../migrations.js';
import { createFunctions } from '../postgres/functions.js';
import { kyselyOn } from '../postgres-dialect.js';
import { PATIENT_ANSWER_MS, PostgresPool, type PostgresSession, SCHEMA } from '../postgres-pool.js';
import { lookInto, MAKE_LOCK, makeSchema } from '../postgres-schema.js';
import { createTextIndex } from '../postgres-text-index.js';
import { inTransaction } from '../postgres-transaction.js';
import { parsePostgresUrl } from '../postgres-url.js';
import { type LentForCopy, PostgresDraft } from './postgres-draft.js';
import { noteBeginning, requireSameCopy, UNFINISHED_TABLE } from './unfinished-copy.js';

/** Held by whoever makes a copy, for as long as the session lasts. "copy" in ASCII. */
const COPY_LOCK = 0x63_6f_70_79;

/** The place for a copy in a database. */
export function postgresTarget(url: string): CopyTarget {
  const pool = new PostgresPool(parsePostgresUrl(url, process.env));
  return {
    engine: 'postgres',
    location: pool.location,
    async open(sourceId, now) {
      const { session, giveBack, explain } = await pool.lend(PATIENT_ANSWER_MS);
      const release = async (): Promise<void> => {
        await session.execute('select pg_advisory_unlock_all()').catch(() => {});
        giveBack();
      };
      try {
        return await open(pool, { session, explain, release }, { sourceId, now });
      } catch (fault) {
        const explained = await explain(fault);
        await release();
        throw explained;
      }
    },
    close: () => pool.close(),
  };
}

async function open(
  pool: PostgresPool,
  lent: LentForCopy,
  { sourceId, now }: { readonly sourceId: string; readonly now: number },
): Promise<CopyDraft> {
  const { location } = pool;
  const { session } = lent;
  await session.execute('set statement_timeout = 0');
  await lock(session, location);
  const found = await lookInto(session, location);
  if (found.state === 'store') {
    throw conflictError(
      `there is a store in ${location} already`,
      'nothing was overwritten; name an empty database with --to',
    );
  }
  if (found.state === 'unfinished') {
    const remedy = `remove it, or name another database: drop schema ${SCHEMA} cascade`;
    await requireSameCopy(session, sourceId, location, remedy);
  } else {
    await inTransaction(pool, MAKE_LOCK, (transaction) => begin(transaction, sourceId, now));
  }
  return new PostgresDraft(pool, lent, found.state === 'unfinished');
}

async function begin(session: PostgresSession, sourceId: string, now: number): Promise<void> {
  await makeSchema(session);
  for (const migrate of MIGRATIONS) await migrate(kyselyOn(session));
  await createFunctions(session);
  await createTextIndex(session);
  await session.execute(UNFINISHED_TABLE);
  await noteBeginning(session, sourceId, now);
}

async function lock(session: SqlConnection, location: string): Promise<void> {
  const [row] = await session.all<{ is_ours: string }>(
    `select pg_try_advisory_lock(${COPY_LOCK})::text as is_ours`,
    [],
  );
  if (row?.is_ours === 'true') return;
  throw conflictError(
    `another command is making a copy in ${location}`,
    'wait for it, or name another database',
  );
}
