import { describe, expect, it } from 'vitest';
import { initStoreAt } from '../../../../src/storage/open.js';
import { migratablePostgres } from '../../../../src/storage/postgres/migrate.js';
import { START } from '../../../support/dependencies/fixed-clock.js';
import { sharedDatabase } from '../../../support/postgres/database-logins.js';
import { POSTGRES_18 } from '../../../support/postgres/stores.js';
import { postgresPlace } from '../../../support/stores/copy-ends.js';
import { becomeOlderSchema } from '../../../support/stores/older-store.js';
import { newStorePlan, SQLITE, storeSystem } from '../../../support/stores/stores.js';
import { existing } from '../../contract/opened.js';
import { copy, filled } from '../../copy/copying.js';

/** The numbers that credctl locked by until there was another way, which every login can lock. */
const LOCKS = 'select pg_advisory_lock(1667462252), pg_advisory_lock(1668247673)';

describe('advisory locks that somebody else holds', () => {
  it('hold up neither the making of a store nor a migration', async () => {
    const { own, app, ask } = await sharedDatabase(POSTGRES_18);
    await app.ask(LOCKS);
    await (await initStoreAt(own.url, storeSystem(), newStorePlan())).close();
    await own.ask('set search_path = credctl');
    await becomeOlderSchema(3, own.ask);
    const store = await migratablePostgres(own.url);
    const { from, to } = await store
      .migrate({ actor: 'alice@host', reason: null }, START)
      .finally(() => store.close());
    expect(from).toBe(3);
    expect(to).toBeGreaterThan(3);
    expect(await ask("select 1 from pg_locks where locktype = 'advisory'")).toHaveLength(2);
  });

  it('hold up no copy', async () => {
    const from = await filled(SQLITE);
    const place = await postgresPlace(POSTGRES_18).create();
    await place.ask(LOCKS);
    const copied = await copy(from, await place.target());
    expect((await existing(await place.open()).settings()).id).toBe(copied.storeId);
  });
});
