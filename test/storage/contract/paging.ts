import { describe, expect, it } from 'vitest';
import {
  CREDENTIAL_SORTS,
  type CredentialQuery,
  type NewCredential,
} from '../../../src/domain/ports/store-port.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../support/stores/stores.js';
import { failure } from '../fixtures.js';
import { added, existing, opened } from './opened.js';

/** For each order: what makes the n-th credential come n-th, and what comes before or after them all. */
const PLACES: Readonly<Record<CredentialQuery['sort'], (place: number) => Partial<NewCredential>>> = {
  name: (place) => ({ name: `bot-${100 + place}` }),
  created: (place) => ({ createdAt: START - place * 1_000 }),
  expires: (place) => ({ expiresAt: START + place * 1_000 }),
  'last-used': () => ({}),
};

export function pagingContract(engine: Engine): void {
  describe('paging', () => {
    it.each(CREDENTIAL_SORTS)('by %s stays put while others write between the pages', async (sort) => {
      const { store } = await opened(engine);
      const place = async (at: number) => {
        const credential = await added(store, PLACES[sort](at));
        if (sort === 'last-used') {
          const version = existing(credential.versions[0]);
          await store.write((tx) => tx.recordUse(version.id, START - at * 1_000, null));
        }
        return credential.id;
      };
      const ids: string[] = [];
      for (let at = 10; at < 20; at += 1) ids.push(await place(at));

      const query = { now: START, sort, limit: 4 } as const;
      const first = await store.listCredentials(query);
      expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 4));

      await place(1);
      await place(12.5);
      const behind = await place(14.5);
      const atTheEnd = await place(30);
      await store.write((tx) => tx.deleteCredential(existing(ids[3]), START));
      await store.write((tx) => tx.deleteCredential(existing(ids[6]), START));

      const cursor = existing(first.nextCursor);
      const rest = await store.listCredentials({ ...query, cursor, limit: 100 });
      expect(rest.items.map(({ id }) => id)).toEqual([
        ids[4],
        behind,
        ids[5],
        ids[7],
        ids[8],
        ids[9],
        atTheEnd,
      ]);
      expect(rest.nextCursor).toBeNull();
    });

    it('ends without a cursor when the last page is exactly full', async () => {
      const { store } = await opened(engine);
      for (let index = 0; index < 4; index += 1) await added(store);
      const query = { now: START, sort: 'name', limit: 2 } as const;
      const first = await store.listCredentials(query);
      const second = await store.listCredentials({ ...query, cursor: existing(first.nextCursor) });
      expect([second.items.length, second.nextCursor]).toEqual([2, null]);
    });

    it('of nothing is one empty page', async () => {
      const { store } = await opened(engine);
      for (const sort of CREDENTIAL_SORTS) {
        expect(await store.listCredentials({ now: START, sort, limit: 5 })).toEqual({
          items: [],
          nextCursor: null,
        });
      }
    });
  });

  describe('a cursor that does not belong to the listing', () => {
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    it.each([
      ['nothing', ''],
      ['no cursor at all', 'hello world'],
      ['no list', encoded({ name: 'x' })],
      ['too short', encoded(['name', 'x'])],
      ['too long', encoded(['name', 'x', 'y', 'z'])],
      ['another order', encoded(['created', 5, 'id'])],
      ['an unknown order', encoded(['size', 5, 'id'])],
      ['a number for a name', encoded(['name', 5, 'id'])],
      ['null for a name', encoded(['name', null, 'id'])],
      ['no id', encoded(['name', 'x', null])],
      ['an object for an id', encoded(['name', 'x', {}])],
    ])('is refused: %s', async (_what, cursor) => {
      const { store } = await opened(engine);
      await added(store);
      const list = store.listCredentials({ now: START, sort: 'name', limit: 5, cursor });
      await expect(list).rejects.toEqual(failure('usage', /cursor/));
    });

    it.each(CREDENTIAL_SORTS)('is refused: one of another order, by %s', async (sort) => {
      const { store } = await opened(engine);
      await added(store);
      await added(store);
      for (const other of CREDENTIAL_SORTS.filter((each) => each !== sort)) {
        const { nextCursor } = await store.listCredentials({ now: START, sort: other, limit: 1 });
        const list = store.listCredentials({ now: START, sort, limit: 1, cursor: existing(nextCursor) });
        await expect(list).rejects.toEqual(failure('usage'));
      }
    });

    it('is refused: text, fractions or infinity for a time', async () => {
      const { store } = await opened(engine);
      for (const key of ['x', 1.5, null, 1e300]) {
        const cursor = encoded(['created', key, 'id']);
        const list = store.listCredentials({ now: START, sort: 'created', limit: 1, cursor });
        await expect(list).rejects.toEqual(failure('usage'));
      }
    });

    it('is refused: what is the number of no credential', async () => {
      const { store } = await opened(engine);
      for (const number of ['x', 1.5, null, -1, 2 ** 31, 2 ** 53]) {
        const cursor = encoded(['last-used', START, number]);
        const list = store.listCredentials({ now: START, sort: 'last-used', limit: 1, cursor });
        await expect(list).rejects.toEqual(failure('usage'));
      }
    });
  });
}
