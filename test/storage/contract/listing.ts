import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIAL_STATUSES } from '../../../src/domain/credential/credential.js';
import { CREDENTIAL_SORTS, type CredentialQuery } from '../../../src/domain/ports/store-port.js';
import type { Engine, TestStore } from '../../support/stores/stores.js';
import {
  allPages,
  compare,
  LABELS,
  NOW,
  OWNER_NAMES,
  type Population,
  populate,
  SCOPES,
  selects,
} from './population.js';

type Filters = Omit<CredentialQuery, 'now' | 'sort' | 'limit' | 'cursor' | 'ownerId'> & {
  /** The place of the owner in the population. */
  readonly owner?: number;
};

const FILTERS: readonly (readonly [string, Filters])[] = [
  ['no filter', {}],
  ['type api-key', { type: 'api-key' }],
  ['type oauth2', { type: 'oauth2' }],
  ['status active', { status: 'active' }],
  ['status inactive', { status: 'inactive' }],
  ['status owner_inactive', { status: 'owner_inactive' }],
  ['status expired', { status: 'expired' }],
  ...SCOPES.map((scope) => [`scope ${scope}`, { scope }] as const),
  ['a scope by an alias of its API', { scope: 'older:*@account/eu' }],
  ['a scope whose API had another id', { scope: 'archive:write@workspace/oslo' }],
  ['an API', { api: 'events' }],
  ['an API that had other ids', { api: 'archive' }],
  ['an API by an alias', { api: 'older' }],
  ['an API that nobody holds', { api: 'credctl' }],
  ['what one may do', { can: 'data:users' }],
  ['what one may do by * alone', { can: 'data:plugin-calls' }],
  ['who may do everything', { can: 'data:*' }],
  ['what one may do on a resource, or on one above', { can: 'archive:read@workspace/oslo' }],
  ['what one may do, by an alias', { can: 'old:write@workspace/oslo' }],
  ['what nobody may do on another resource', { can: 'archive:write@workspace/austin' }],
  ['three filters by scopes', { api: 'old', scope: 'data:users', can: 'archive:read@workspace/berlin' }],
  ['a scope that nobody holds', { scope: 'data:interactions' }],
  ['owner 0', { owner: 0 }],
  ['owner 1', { owner: 1 }],
  ['an owner that is switched off', { owner: 2 }],
  ['status owner_inactive, of an owner', { owner: 2, status: 'owner_inactive' }],
  ['status owner_inactive, of an owner that is not: nobody', { owner: 1, status: 'owner_inactive' }],
  ['due and active, which is meant by due', { dueBy: NOW, status: 'active' }],
  ['due, were it not for being switched off', { dueBy: NOW, status: 'inactive' }],
  ['due, were it not for the owner', { dueBy: NOW, status: 'owner_inactive' }],
  ...LABELS.map((label) => [`label ${label.key}=${label.value}`, { label }] as const),
  ['the key of one label with the value of another', { label: { key: 'team', value: 'prod' } }],
  ['due by now', { dueBy: NOW }],
  ['due within a while', { dueBy: NOW + 100 }],
  ['expiring soon, or of late', { expiresFrom: NOW - 200, expiresBy: NOW + 1 }],
  ['ever expiring', { expiresFrom: NOW - 100 }],
  ['expired by then, and active', { expiresBy: NOW + 100, status: 'active' }],
  ['unused since now', { unusedSince: NOW }],
  ['unused for a while', { unusedSince: NOW - 150 }],
  ['used lately', { usedAfter: NOW - 150 }],
  ['used lately, of an owner', { usedAfter: NOW - 150, owner: 0, status: 'active' }],
  ['used at all', { usedAfter: -1 }],
  ['search', { search: 'bot-1' }],
  ['search in descriptions', { search: 'NIGHT' }],
  [
    'everything at once',
    { type: 'api-key', status: 'active', scope: 'data:*', dueBy: NOW + 100, search: 'b' },
  ],
];

/** Any combination of filters. */
const someFilters = fc.record(
  {
    type: fc.constantFrom('api-key' as const, 'oauth2' as const),
    status: fc.constantFrom(...CREDENTIAL_STATUSES),
    api: fc.constantFrom('data', 'archive', 'old'),
    scope: fc.constantFrom(...SCOPES),
    can: fc.constantFrom('data:users', 'events:messages', 'archive:read@workspace/oslo'),
    owner: fc.nat({ max: OWNER_NAMES.length - 1 }),
    label: fc.constantFrom(...LABELS),
    dueBy: fc.constantFrom(NOW - 100, NOW, NOW + 100),
    unusedSince: fc.constantFrom(NOW - 200, NOW - 100, NOW),
    expiresFrom: fc.constantFrom(NOW - 200, NOW),
    expiresBy: fc.constantFrom(NOW - 100, NOW, NOW + 1),
    usedAfter: fc.constantFrom(NOW - 300, NOW - 100, NOW),
    search: fc.constantFrom('bot', 'BOT-2', '_1', '%', '\\', 'sync', '7'),
  },
  { requiredKeys: [] },
);

export function listingContract(engine: Engine): void {
  describe('listing 300 credentials', () => {
    let fresh: TestStore;
    let population: Population;

    beforeAll(async () => {
      fresh = await engine.create();
      population = await populate(fresh.store, 300);
    });
    afterAll(() => fresh.dispose());

    const queryOf = (
      { owner, ...filters }: Filters,
      sort: CredentialQuery['sort'],
      limit: number,
    ): CredentialQuery => {
      const ownerId = owner === undefined ? undefined : population.owners[owner]?.id;
      return { now: NOW, ...filters, ...(ownerId === undefined ? {} : { ownerId }), sort, limit };
    };

    const expectExactly = async (query: CredentialQuery): Promise<void> => {
      const found = await allPages(fresh.store, query);
      const expected = population.credentials.filter((credential) => selects(query, credential));
      const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
      expect([...found].sort(byId)).toEqual([...expected].sort(byId));
      for (const [index, credential] of found.entries()) {
        const before = found[index - 1];
        if (before !== undefined) expect(compare(query.sort, before, credential)).toBeLessThanOrEqual(0);
      }
    };

    it('has something for nearly every filter to find, and something to leave out', () => {
      for (const [what, filters] of FILTERS.slice(1)) {
        const query = queryOf(filters, 'name', 1);
        const selected = population.credentials.filter((credential) => selects(query, credential));
        expect(selected.length, what).toBeLessThan(300);
        if (!/nobody|another/.test(what)) expect(selected.length, what).toBeGreaterThan(0);
      }
    });

    for (const sort of CREDENTIAL_SORTS) {
      it.each(FILTERS)(`by ${sort}, with %s, finds exactly what a naive filter finds`, async (_, filters) => {
        for (const limit of [17, 1_000]) await expectExactly(queryOf(filters, sort, limit));
      });
    }

    it('finds exactly what a naive filter finds, for any filters, order and size of page', async () => {
      const query = fc.tuple(
        someFilters,
        fc.constantFrom(...CREDENTIAL_SORTS),
        fc.integer({ min: 1, max: 60 }),
      );
      await fc.assert(
        fc.asyncProperty(query, ([filters, sort, limit]) => expectExactly(queryOf(filters, sort, limit))),
        { seed: 7, numRuns: 150 },
      );
    });

    it('lists in the same order whatever the size of the page', async () => {
      for (const sort of CREDENTIAL_SORTS) {
        const whole = await allPages(fresh.store, queryOf({}, sort, 1_000));
        for (const limit of [1, 7, 150]) {
          const paged = await allPages(fresh.store, queryOf({}, sort, limit));
          expect(paged.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
        }
      }
    });
  });
}
