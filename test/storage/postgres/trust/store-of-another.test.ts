import { describe, expect, it } from 'vitest';
import { initStoreAt } from '../../../../src/storage/open.js';
import { sharedDatabase } from '../../../support/postgres/database-logins.js';
import { POSTGRES_ENGINES, type PostgresEngine } from '../../../support/postgres/stores.js';
import { newStorePlan, storeSystem } from '../../../support/stores/stores.js';
import { note, openAt } from '../../files.js';
import { failure } from '../../fixtures.js';

/** The application that shares the database has made the store, and let the other login change it. */
async function storeOfApp(engine: PostgresEngine) {
  const shared = await sharedDatabase(engine);
  const store = await initStoreAt(shared.app.url, storeSystem(), newStorePlan());
  await store.write((tx) => tx.grant('admin', shared.own.name));
  await store.close();
  return shared;
}

describe.each(POSTGRES_ENGINES)('a store of a role with no power on $label', (engine) => {
  it('is used by that role, and by those that it has granted rights and that have no power either', async () => {
    const { own, app } = await storeOfApp(engine);
    for (const { url } of [own, app]) await note(await openAt(url));
  });

  it('is refused by superusers, by the database’s owner and by who could become either', async () => {
    const { own, app, url, ask, name } = await storeOfApp(engine);
    const refused = failure(
      'denied',
      new RegExp(`the store belongs to "${app.name}"`),
      new RegExp(`log in as "${app.name}"; .*reassign owned by "${app.name}" to OWNER.*alter schema credctl`),
    );
    await expect(openAt(url)).rejects.toEqual(refused);
    await ask(`alter role ${own.name} noinherit; grant postgres to ${own.name}`);
    await expect(openAt(own.url)).rejects.toEqual(refused);
    await ask(`revoke postgres from ${own.name}; alter database ${name} owner to ${own.name}`);
    await expect(openAt(own.url)).rejects.toEqual(refused);
    await ask(`reassign owned by ${app.name} to ${own.name}; alter role ${own.name} inherit`);
    for (const login of [url, own.url]) await note(await openAt(login));
  });

  it('that the database’s owner is a member of is trusted by it, and refused by superusers', async () => {
    const { own, app, url, ask, name } = await storeOfApp(engine);
    await ask(`alter database ${name} owner to ${own.name}; grant ${app.name} to ${own.name}`);
    await note(await openAt(own.url));
    await expect(openAt(url)).rejects.toEqual(failure('denied', /the store belongs to/));
  });
});
