import { describe, expect, it, onTestFinished } from 'vitest';
import { openServingStore } from '../../../src/storage/serving/sqlite/store.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { SQLITE } from '../../support/stores/stores.js';
import { added, existing, hashOf, opened } from '../contract/opened.js';

async function served() {
  const files = await opened(SQLITE);
  const store = openServingStore(files.path, null);
  onTestFinished(() => store.close());
  return { files, store };
}

describe('what a presented secret is compared with', () => {
  it('is the hash of the version that it names, read together with all that judges it', async () => {
    const { files, store } = await served();
    const credential = await added(files.store, { type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF' }, [
      { retiresAt: START + 5 },
      {},
    ]);
    for (const { id, retiresAt } of credential.versions) {
      const comparison = await store.findComparable(id);
      expect(comparison.comparable).toEqual({
        hash: hashOf(id),
        type: 'oauth2',
        canary: false,
        clientId: 'cctl_id_0123456789ABCDEF',
      });
      expect(comparison.served).toEqual(await store.findPresentedVersion(id));
      expect(comparison.served?.version).toMatchObject({ id, retiresAt });
    }
  });

  it('is nothing for an id that no version has, wherever in their order it would stand', async () => {
    const { files, store } = await served();
    const versions = [await added(files.store, { name: 'one' }), await added(files.store)];
    const ids = versions.map(({ versions: [version] }) => existing(version).id).toSorted();
    const between = `${ids[0]?.slice(0, -1)}~`;
    for (const id of ['', '000000000000', between, 'zzzzzzzzzzzz', `${ids[1]}0`]) {
      expect(await store.findComparable(id)).toEqual({ comparable: null, served: null });
    }
  });

  it('is nothing in a store without versions', async () => {
    const { store } = await served();
    expect(await store.findComparable('abcdefghijkl')).toEqual({ comparable: null, served: null });
  });
});
