import { expect, it, onTestFinished } from 'vitest';
import { PATIENT_ANSWER_MS, PostgresPool } from '../../../../src/storage/postgres/connection/pool.js';
import { parsePostgresUrl } from '../../../../src/storage/postgres/connection/url.js';
import { silentProxy } from '../../../support/postgres/silent-proxy.js';
import { POSTGRES_18 } from '../../../support/postgres/stores.js';
import { failure } from '../../fixtures.js';

const PATIENCE = { connectSeconds: 5, sessionSeconds: 5, busySeconds: 5, answerMs: 2_000 };

it('what may take an hour is waited for while the server lives, and not when it falls silent', async () => {
  const server = new URL(await POSTGRES_18.server());
  const proxy = await silentProxy(server.hostname, Number(server.port));
  const url = Object.assign(new URL(server), { host: `127.0.0.1:${proxy.port}` }).href;
  const pool = new PostgresPool(parsePostgresUrl(url, {}), 3, PATIENCE);
  onTestFinished(() => pool.close());
  const { session, giveBack } = await pool.lend(PATIENT_ANSWER_MS);
  await session.execute('set statement_timeout = 0');
  expect((await session.execute('select pg_sleep(3), 7 as seven')).rows).toMatchObject([{ seven: 7 }]);
  const waiting = session.execute('select pg_sleep(3600)');
  proxy.fallSilent();
  await expect(waiting).rejects.toEqual(failure('store_unavailable'));
  giveBack();
});
