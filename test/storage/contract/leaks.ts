import { describe, expect, it } from 'vitest';
import {
  type FoundLeak,
  LEAK_SOURCES,
  type Leak,
  LONGEST_PLACE,
  MOST_PLACES,
} from '../../../src/domain/leak/leak.js';
import type { Store } from '../../../src/domain/ports/store-port.js';
import { composeSecret, handleOf } from '../../../src/domain/secret/secret-format.js';
import type { Engine } from '../../support/stores/stores.js';
import { failure, newVersionId } from '../fixtures.js';
import { added, existing, opened } from './opened.js';

/** Before now by every clock: a database puts no leak into the future. */
const FOUND = Date.UTC(2020, 0, 1);

/** A leak of the newest version of an API key. */
const leakOf = (versionId: string, change: Partial<FoundLeak> = {}): FoundLeak => ({
  handle: handleOf('cctl', 'key', versionId),
  kind: 'key',
  credentialId: null,
  version: null,
  source: 'scan',
  place: 'src/a.ts:12:8',
  ...change,
});

const recorded = (store: Store, found: readonly FoundLeak[], now = FOUND): Promise<void> =>
  store.write((tx) => tx.recordLeaks(found, now));

async function listed(store: Store, withClosed = false): Promise<readonly Leak[]> {
  return (await store.listLeaks({ withClosed, limit: 100 })).items;
}

async function leakIn(store: Store): Promise<Leak> {
  const [leak] = await listed(store);
  return existing(leak);
}

export function leakContract(engine: Engine): void {
  describe('leaks', () => {
    it('are recorded with what the store finds by the handle, without an event', async () => {
      const { store } = await opened(engine);
      const { id, versions } = await added(store, {}, [{}, {}]);
      const second = existing(versions.find(({ number }) => number === 2));
      const head = await store.verifyAudit(null);
      await recorded(store, [leakOf(second.id)]);
      expect(await leakIn(store)).toEqual({
        id: 1,
        handle: handleOf('cctl', 'key', second.id),
        kind: 'key',
        credentialId: id,
        version: 2,
        source: 'scan',
        places: ['src/a.ts:12:8'],
        placeCount: 1,
        firstFoundAt: FOUND,
        lastFoundAt: FOUND,
        closedAt: null,
      });
      expect(await store.verifyAudit(null)).toEqual(head);
      expect(await store.countOpenLeaks()).toBe(1);
    });

    it('of an access token belong to the version that obtained it, also once the token is gone', async () => {
      const { store } = await opened(engine);
      const client = await added(store, { type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF' });
      const versionId = existing(client.versions[0]).id;
      const id = newVersionId();
      await store.write((tx) =>
        tx.insertToken({
          id,
          credentialId: client.id,
          versionId,
          digest: 'd'.repeat(64),
          scopes: ['data:users'],
          issuedAt: FOUND,
          expiresAt: FOUND + 60_000,
        }),
      );
      const gone = newVersionId();
      const token = (tokenId: string, change: Partial<FoundLeak> = {}) =>
        leakOf(tokenId, { handle: handleOf('cctl', 'tok', tokenId), kind: 'tok', ...change });
      await recorded(store, [token(id), token(gone, { credentialId: client.id, version: 1 })]);
      expect(
        (await listed(store)).map(({ kind, credentialId, version }) => [kind, credentialId, version]),
      ).toEqual([
        ['tok', client.id, 1],
        ['tok', client.id, 1],
      ]);
    });

    it('name no credential that there is not', async () => {
      const { store } = await opened(engine);
      await recorded(store, [leakOf(newVersionId(), { credentialId: 'none', version: 7 })]);
      expect(await leakIn(store)).toMatchObject({ credentialId: null, version: null });
    });

    it('of one handle are one row, which knows each place once', async () => {
      const { store } = await opened(engine);
      const { versions } = await added(store);
      const { id } = existing(versions[0]);
      await recorded(store, [leakOf(id), leakOf(id, { place: 'b.ts:1:1' }), leakOf(id)]);
      await recorded(store, [leakOf(id, { place: 'b.ts:1:1', source: 'github' })], FOUND + 5);
      await recorded(store, [leakOf(id)], FOUND + 3);
      expect(await listed(store)).toEqual([
        expect.objectContaining({
          source: 'scan',
          places: ['src/a.ts:12:8', 'b.ts:1:1'],
          placeCount: 2,
          firstFoundAt: FOUND,
          lastFoundAt: FOUND + 5,
        }),
      ]);
    });

    it('keep the first places and the last one, and count all', async () => {
      const { store } = await opened(engine);
      const { versions } = await added(store);
      const { id } = existing(versions[0]);
      const places = Array.from({ length: MOST_PLACES + 20 }, (_, n) => `${n}.ts`);
      await recorded(
        store,
        places.map((place) => leakOf(id, { place })),
      );
      const leak = await leakIn(store);
      expect(leak.places).toEqual([...places.slice(0, MOST_PLACES - 1), places.at(-1)]);
      expect(leak.placeCount).toBe(places.length);
    });

    it('hold no secret and no control character, and are cut', async () => {
      const { store, ask } = await opened(engine);
      const { versions } = await added(store);
      const { id } = existing(versions[0]);
      const secret = composeSecret('cctl', 'key', id, 'S'.repeat(43));
      await recorded(store, [
        leakOf(id, { place: `https://x.example/?key=${secret}` }),
        leakOf(id, { place: '\u001b[31mred\n"quoted"' }),
        leakOf(id, { place: 'ä'.repeat(LONGEST_PLACE + 1) }),
        leakOf(id, { place: '' }),
      ]);
      const { places } = await leakIn(store);
      expect(places).toEqual([
        `https://x.example/?key=cctl_key_${id}…`,
        '\\u{1b}[31mred\\n"quoted"',
        `${'ä'.repeat(LONGEST_PLACE - 1)}…`,
      ]);
      expect(JSON.stringify(await ask('select * from leak'))).not.toContain('SSSS');
    });

    it('of what is no handle of this store are skipped', async () => {
      const { store } = await opened(engine);
      const id = newVersionId();
      await recorded(store, [
        leakOf(id, { handle: handleOf('acme', 'key', id) }),
        leakOf(id, { handle: `cctl_key_${id}x` }),
        leakOf(id, { handle: 'cctl_id_0123456789ABCDEF' }),
        leakOf(id, { handle: '' }),
      ]);
      expect(await listed(store, true)).toEqual([]);
    });

    it('come from every source', async () => {
      const { store } = await opened(engine);
      await recorded(
        store,
        LEAK_SOURCES.map((source) => leakOf(newVersionId(), { source })),
      );
      expect((await listed(store)).map(({ source }) => source).sort()).toEqual([...LEAK_SOURCES].sort());
    });

    it('are closed once, and what is found again is another leak', async () => {
      const { store } = await opened(engine);
      const { versions } = await added(store);
      const { id } = existing(versions[0]);
      await recorded(store, [leakOf(id)]);
      await store.write((tx) => tx.closeLeak(1, FOUND + 1));
      await store.write((tx) => tx.closeLeak(1, FOUND + 9));
      expect(await store.findLeak(1)).toMatchObject({ closedAt: FOUND + 1 });
      expect([await listed(store), await store.countOpenLeaks()]).toEqual([[], 0]);
      await recorded(store, [leakOf(id)], FOUND + 2);
      expect(await listed(store)).toEqual([expect.objectContaining({ placeCount: 1, closedAt: null })]);
      expect(await listed(store, true)).toHaveLength(2);
      for (const unknown of [0, 99, 2 ** 40, 1.5]) expect(await store.findLeak(unknown)).toBeNull();
    });

    it('outlive their credential', async () => {
      const { store } = await opened(engine);
      const credential = await added(store);
      await recorded(store, [leakOf(existing(credential.versions[0]).id)]);
      await store.write((tx) => tx.deleteCredential(credential.id, FOUND));
      expect(await leakIn(store)).toMatchObject({ credentialId: credential.id, version: 1 });
    });

    it('are listed in pages, the last found first', async () => {
      const { store } = await opened(engine);
      const ids = Array.from({ length: 7 }, newVersionId);
      for (const [n, id] of ids.entries()) await recorded(store, [leakOf(id)], FOUND + (n % 3));
      const pages: (readonly Leak[])[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await store.listLeaks({
          withClosed: false,
          limit: 3,
          ...(cursor === undefined ? {} : { cursor }),
        });
        pages.push(page.items);
        cursor = page.nextCursor;
      }
      expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
      const found = pages.flat().map(({ lastFoundAt, id }) => [lastFoundAt - FOUND, id]);
      expect(found).toEqual([
        [2, 6],
        [2, 3],
        [1, 5],
        [1, 2],
        [0, 7],
        [0, 4],
        [0, 1],
      ]);
      for (const cursor of ['', 'x', 'WzFd', Buffer.from('[1,2,3]').toString('base64url')]) {
        await expect(store.listLeaks({ withClosed: true, limit: 3, cursor })).rejects.toEqual(
          failure('usage', /^the cursor does not belong to this list$/),
        );
      }
    });
  });
}
