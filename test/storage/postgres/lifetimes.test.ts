import { expect, it, onTestFinished } from 'vitest';
import { PostgresPool } from '../../../src/storage/postgres/connection/pool.js';
import { parsePostgresUrl } from '../../../src/storage/postgres/connection/url.js';
import { lifetimeFindings } from '../../../src/storage/postgres/functions/check-lifetimes.js';
import { inSnapshot } from '../../../src/storage/postgres/snapshot.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { opened } from '../contract/opened.js';

it('are those of the catalog of the same moment, while another command replaces it', async () => {
  const { store, url, ask } = await opened(POSTGRES_18);
  const catalog = await store.catalog();
  const longer = catalog.apis.map((api) => ({ ...api, accessTokenTtl: api.accessTokenTtl + 1 }));
  const pool = new PostgresPool(parsePostgresUrl(url, {}), 1);
  onTestFinished(() => pool.close());
  const findings = await inSnapshot(pool, async (snapshot) => {
    await snapshot.all('select 1 from credctl.store', []);
    await store.write((tx) => tx.replaceCatalog({ ...catalog, apis: longer }, START));
    return lifetimeFindings((text, parameters = []) => snapshot.all(text, parameters));
  });
  expect(findings).toEqual([]);
  await ask('update credctl.api_lifetime set seconds = seconds + 1');
  expect((await store.check(START)).filter(({ check }) => check === 'lifetimes')).toHaveLength(1);
});
