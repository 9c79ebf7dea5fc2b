import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { initStoreAt } from '../../../../src/storage/open.js';
import { FOR_COMMANDS } from '../../../../src/storage/postgres/connection/patience.js';
import { PostgresPool } from '../../../../src/storage/postgres/connection/pool.js';
import { parsePostgresUrl } from '../../../../src/storage/postgres/connection/url.js';
import { inTransaction } from '../../../../src/storage/postgres/transaction.js';
import { startPostgres } from '../../../support/postgres/server.js';
import { stolenLogin } from '../../../support/postgres/stolen-login.js';
import { POSTGRES_14, POSTGRES_ENGINES } from '../../../support/postgres/stores.js';
import { openTeamSession } from '../../../support/postgres/verifier-login.js';
import { newStorePlan, storeSystem } from '../../../support/stores/stores.js';
import { opened } from '../../contract/opened.js';

const LOCK = 'select 1 from credctl.audit_head where id = 1 for update';

describe.each(POSTGRES_ENGINES)('a wait in vain on $label', (engine) => {
  it('names the session that holds the store', async () => {
    const session = await openTeamSession(engine);
    const admin = await stolenLogin(session, 'admin');
    await admin.sql("set application_name = 'psql'; begin");
    await admin.sql(LOCK);
    const [{ pid } = { pid: 0 }] = await admin.sql<{ pid: number }>('select pg_backend_pid() as pid');
    const impatient = { ...FOR_COMMANDS, busySeconds: 1 };
    const pool = new PostgresPool(parsePostgresUrl(session.database.url, process.env), 2, impatient);
    onTestFinished(() => pool.close());
    const waiting = inTransaction(pool, LOCK, async () => {});
    await expect(waiting).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('was busy for more than 1 seconds'),
      hint: expect.stringMatching(
        new RegExp(
          `^the session ${pid} \\(login "admin_\\w+", program "psql"\\) holds it; .*pg_terminate_backend\\(${pid}\\)$`,
        ),
      ),
    });
    await admin.sql('rollback');
    await inTransaction(pool, LOCK, async () => {});
  });

  it('names the transaction that was prepared, of which no session is to be seen', async () => {
    const server = await startPostgres(engine === POSTGRES_14 ? 14 : 18, async () => ({
      max_prepared_transactions: '2',
    }));
    onTestFinished(() => server.stop());
    const store = await initStoreAt(server.url, storeSystem(), newStorePlan());
    onTestFinished(() => store.close());
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(`begin; ${LOCK}; prepare transaction 'it''s held'`);
    const pool = new PostgresPool(parsePostgresUrl(server.url, process.env), 1, {
      ...FOR_COMMANDS,
      busySeconds: 1,
    });
    onTestFinished(() => pool.close());
    const waiting = inTransaction(pool, LOCK, async () => {});
    await expect(waiting).rejects.toMatchObject({
      hint: `the prepared transaction "it's held" (login "postgres") may hold it; try again, or end it in SQL, as its owner or a superuser: rollback prepared 'it''s held'`,
    });
    await client.query("rollback prepared 'it''s held'");
    await client.end();
    await inTransaction(pool, LOCK, async () => {});
  });

  it('names nobody where the statement took too long by itself', async () => {
    const { url } = await opened(engine);
    const pool = new PostgresPool(parsePostgresUrl(url, process.env), 1, { ...FOR_COMMANDS, busySeconds: 1 });
    onTestFinished(() => pool.close());
    await expect(pool.use((session) => session.execute('select pg_sleep(3)'))).rejects.toMatchObject({
      hint: expect.stringContaining('another session is using the store'),
    });
  });
});
