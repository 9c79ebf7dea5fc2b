import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStoreAt } from '../../src/storage/open.js';
import { START } from '../support/dependencies/fixed-clock.js';
import { newStorePlan, storeSystem } from '../support/stores/stores.js';
import { added } from './contract/opened.js';
import { emptyDirectory, note, openAt } from './files.js';
import { anEntry, failure } from './fixtures.js';

describe('a store that does not exist', () => {
  it('reads as empty, and nothing is created by reading', async () => {
    const path = join(emptyDirectory(), 'deep', 'credctl.db');
    const store = await openAt(path, { whenMissing: 'read-as-empty', plan: { prefix: 'acme' } });
    expect(await store.findCredential('ci-bot')).toBeNull();
    expect(await store.findCredential('acme_key_0123456789AB')).toBeNull();
    expect(await store.findDeleted('0123456789AB')).toBeNull();
    expect((await store.listAudit({ target: 'acme_key_0123456789AB', limit: 5 })).items).toEqual([]);
    expect(await store.listCredentials({ now: START, sort: 'name', limit: 5 })).toEqual({
      items: [],
      nextCursor: null,
    });
    await expect(
      store.listCredentials({ now: START, sort: 'name', limit: 5, api: 'nothing' }),
    ).rejects.toEqual(failure('usage', /^unknown API "nothing"$/));
    expect(await store.listOwners()).toEqual([]);
    expect(await store.listAudit({ limit: 5 })).toEqual({ items: [], nextCursor: null });
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 0 });
    expect(await store.check(START)).toEqual([]);
    expect(await store.scrub()).toBe('done');
    expect((await store.settings()).prefix).toBe('acme');
    expect((await store.catalog()).name).toBe('moveworks');
    expect(await store.statistics()).toMatchObject({ credentials: 0, location: path });
    expect(existsSync(join(path, '..'))).toBe(false);
  });

  it('is refused when it was named', async () => {
    const path = join(emptyDirectory(), 'credctl.db');
    await expect(openAt(path, { whenMissing: 'refuse' })).rejects.toEqual(
      failure('store_unavailable', /there is no store/),
    );
  });

  it('comes into being with the first write, and says so once', async () => {
    const path = join(emptyDirectory(), 'credctl.db');
    const said: string[] = [];
    const store = await openAt(path, { onCreated: (location) => said.push(location) });
    expect(said).toEqual([]);
    await note(store);
    await note(store);
    expect(said).toEqual([path]);
  });

  it('shows what was written to it, also through the object that stood for it', async () => {
    const store = await openAt(join(emptyDirectory(), 'credctl.db'));
    const credential = await added(store);
    expect(await store.findCredential(credential.id)).toEqual(credential);
    expect((await store.statistics()).credentials).toBe(1);
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 1 });
  });

  it('comes into being once, also when several writes begin at the same time', async () => {
    const said: string[] = [];
    const store = await openAt(join(emptyDirectory(), 'credctl.db'), {
      onCreated: (location) => said.push(location),
    });
    const slowly = () =>
      store.write(async (tx) => {
        await tx.appendAudit(anEntry(), START);
        await new Promise((resolve) => setTimeout(resolve, 5));
      });
    await Promise.all([slowly(), slowly(), slowly()]);
    expect(said).toHaveLength(1);
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 4 });
  });

  it('can be written once what kept it from coming into being is out of the way', async () => {
    const blocked = join(emptyDirectory(), 'file');
    const store = await openAt(join(blocked, 'credctl.db'));
    writeFileSync(blocked, 'mine');
    await expect(note(store)).rejects.toEqual(failure('store_unavailable'));
    rmSync(blocked);
    await note(store);
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 2 });
  });

  it('cannot come into being where a file stands in the place of its directory', async () => {
    const blocked = join(emptyDirectory(), 'file');
    writeFileSync(blocked, 'mine');
    const store = openStoreAt(join(blocked, 'credctl.db'), storeSystem(), {
      whenMissing: 'create-on-write',
      newStore: async () => newStorePlan(),
      onCreated: () => {},
    });
    await expect(store.then(note)).rejects.toEqual(failure('store_unavailable', /cannot create/));
  });
});
