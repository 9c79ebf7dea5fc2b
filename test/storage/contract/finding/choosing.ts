import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CredentialQuery, StoreReader } from '../../../../src/domain/ports/store-port.js';
import { type CredentialSearch, searchCredentials } from '../../../../src/usecases/credential/search.js';
import { START } from '../../../support/dependencies/fixed-clock.js';
import type { Engine, TestStore } from '../../../support/stores/stores.js';
import { anOwner } from '../../fixtures.js';
import { added, existing } from '../opened.js';

const LIMIT = 15;

/** More than anybody would read, or a program should. */
const MANY = 100_000;

/** Besides the search in names and descriptions: owners, one label, scopes, APIs, for each of two statuses. */
const MOST_PAGES = 2 * (1 + 5 + 1 + 1 + 3);

/** The names that a search finds. */
async function found(store: StoreReader, text: string, more: Partial<CredentialSearch> = {}) {
  const { credentials, hasMore } = await searchCredentials(store, {
    text,
    now: START,
    first: null,
    limit: LIMIT,
    ...more,
  });
  return { names: credentials.map(({ name }) => name), hasMore };
}

/** A reader that counts the pages that are asked for, and the credentials that come. */
function counting(store: StoreReader) {
  const read = { pages: 0, credentials: 0, owners: 0 };
  const reader: StoreReader = Object.create(store, {
    settings: { value: () => store.settings() },
    catalog: { value: () => store.catalog() },
    findCredential: {
      async value(reference: string) {
        const credential = await store.findCredential(reference);
        read.credentials += credential === null ? 0 : 1;
        return credential;
      },
    },
    credentialNames: { value: (start: string, limit: number) => store.credentialNames(start, limit) },
    ownersByName: {
      async value(start: string, limit: number) {
        const owners = await store.ownersByName(start, limit);
        read.owners += owners.length;
        return owners;
      },
    },
    listCredentials: {
      async value(query: CredentialQuery) {
        const page = await store.listCredentials(query);
        read.pages += 1;
        read.credentials += page.items.length;
        return page;
      },
    },
  });
  return { reader, read };
}

export function choosingContract(engine: Engine): void {
  describe('a search for one credential', () => {
    let fresh: TestStore;

    beforeAll(async () => {
      fresh = await engine.create();
      const sales = anOwner({ name: 'sales/eu' });
      await fresh.store.write((tx) => tx.insertOwner(sales));
      await added(fresh.store, { name: 'alpha', labels: new Map([['env', 'prod']]) });
      await added(fresh.store, { name: 'beta', description: 'Nightly import', status: 'inactive' });
      await added(fresh.store, { name: 'gamma', ownerId: sales.id });
      await added(fresh.store, { name: 'al-2', scopes: ['events:messages'], status: 'inactive' });
      await added(fresh.store, { name: 'whole', scopes: ['events:*'] });
    });
    afterAll(() => fresh.dispose());

    it.each<readonly [string, string, readonly string[]]>([
      ['nothing: all by name', '', ['al-2', 'alpha', 'beta', 'gamma', 'whole']],
      ['the start of a name', 'AL', ['al-2', 'alpha']],
      ['a short part of a name', 'mm', ['gamma']],
      ['a short part of a name, after those that begin with it', 'al', ['al-2', 'alpha']],
      ['one character, those whose names begin with it first', 'g', ['gamma', 'beta']],
      ['a short part of a description', 'ly', ['beta']],
      ['a part of a name', 'mma', ['gamma']],
      ['a part of a description', 'nightly', ['beta']],
      ['the start of an owner', 'Sal', ['gamma']],
      ['a label', 'env=prod', ['alpha']],
      ['the start of a label', 'env=pro', ['alpha']],
      ['the key of a label', 'env', ['alpha']],
      ['the key of a label, and a sign', 'env=', ['alpha']],
      ['the start of the key of a label', 'en', ['alpha']],
      ['no other value of a label', 'env=rod', []],
      ['a label without a key', '=prod', []],
      ['a scope', 'events:messages', ['al-2', 'whole']],
      ['the start of a scope', 'events:me', ['al-2', 'whole']],
      ['the start of a permission', 'mess', ['al-2', 'whole']],
      ['an API', 'eve', ['al-2', 'whole']],
      ['the title of an API', 'Events A', ['al-2', 'whole']],
      ['white space around it', '  alpha ', ['alpha']],
      ['what nothing has', 'zzz', []],
    ])('finds by %s', async (_what, text, expected) => {
      expect(await found(fresh.store, text)).toEqual({ names: expected, hasMore: false });
    });

    it('finds by an id and a handle, which come first', async () => {
      const credential = existing(await fresh.store.findCredential('gamma'));
      expect((await found(fresh.store, credential.id)).names).toEqual(['gamma']);
      const handle = `cctl_key_${credential.versions[0]?.id}`;
      expect((await found(fresh.store, handle)).names).toEqual(['gamma']);
    });

    it('has those of a status first, and each once', async () => {
      expect((await found(fresh.store, '', { first: 'inactive' })).names).toEqual([
        'al-2',
        'beta',
        'alpha',
        'gamma',
        'whole',
      ]);
      expect((await found(fresh.store, 'al', { first: 'active' })).names).toEqual(['alpha', 'al-2']);
      expect((await found(fresh.store, 'alp', { first: 'inactive' })).names).toEqual(['alpha']);
    });

    it('says whether there are more', async () => {
      expect(await found(fresh.store, '', { limit: 3 })).toEqual({
        names: ['al-2', 'alpha', 'beta'],
        hasMore: true,
      });
      expect(await found(fresh.store, '', { limit: 5 })).toMatchObject({ hasMore: false });
    });

    it('asks for nothing more once it is stale', async () => {
      const { reader, read } = counting(fresh.store);
      const search = { text: 'zzz', now: START, first: 'active', limit: LIMIT } as const;
      await searchCredentials(reader, search, async () => true);
      expect(read.pages).toBe(1);
    });
  });

  describe(`a search for one credential in ${MANY}`, () => {
    let fresh: TestStore;

    beforeAll(async () => {
      fresh = await engine.create();
      const { id } = await added(fresh.store, { name: 'bot-0' });
      await fresh.tamper(
        `insert into credential (key, id, name, name_key, type, status, scopes, labels, created_at, created_by, updated_at, revision)
          with recursive n (i) as (select 1 union all select i + 1 from n where i < ${MANY})
          select 10000 + n.i, 'id-' || n.i, 'bot-' || n.i, 'bot-' || n.i, c.type, c.status, c.scopes, '{}', c.created_at, c.created_by, c.updated_at, 1
            from credential c, n where c.id = ?`,
        id,
      );
      await fresh.tamper(
        "insert into credential_scope (scope, credential_key) select 'data:users', key from credential where key > 10000",
      );
      await fresh.tamper(
        `insert into owner (id, name, name_key, kind, status, created_at, created_by, updated_at)
          select 'own-' || id, name, name_key, 'service', status, created_at, created_by, updated_at
            from credential where key between 10000 and 10100`,
      );
      await added(fresh.store, { name: 'needle', description: 'in the haystack', status: 'inactive' });
    });
    afterAll(() => fresh.dispose());

    it.each([
      '',
      'b',
      'zq',
      'o',
      'bot',
      'bot-9',
      'haystack',
      'data:users',
      'Data',
      'zzz',
      'k=v',
      'bot-77777',
    ])('reads a page at a time: %j', async (text) => {
      for (const first of [null, 'active', 'inactive'] as const) {
        const { reader, read } = counting(fresh.store);
        const search = { text, now: START, first, limit: LIMIT };
        const { credentials } = await searchCredentials(reader, search);
        expect(credentials.length).toBeLessThanOrEqual(LIMIT);
        expect(read.pages).toBeLessThanOrEqual(MOST_PAGES);
        expect(read.credentials).toBeLessThanOrEqual((read.pages + 1) * (LIMIT + 1) + 1);
        expect(read.owners).toBeLessThanOrEqual(5);
      }
    });

    it('finds the one among them', async () => {
      expect(await found(fresh.store, 'haystack')).toEqual({ names: ['needle'], hasMore: false });
      expect(await found(fresh.store, 'bot-77777')).toEqual({ names: ['bot-77777'], hasMore: false });
      const first = await found(fresh.store, '', { first: 'inactive' });
      expect(first).toMatchObject({ hasMore: true });
      expect(first.names[0]).toBe('needle');
    });
  });
}
