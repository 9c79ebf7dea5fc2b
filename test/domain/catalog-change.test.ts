import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Api,
  type Catalog,
  type CredentialType,
  catalogToDocument,
  RESOURCE_LEVELS,
  resourcesAt,
} from '../../src/domain/catalog.js';
import { catalogDifference, invalidatedBy } from '../../src/domain/catalog-change.js';
import { checkCatalog } from '../../src/domain/catalog-check.js';
import { PRESETS } from '../../src/domain/presets.js';
import { normaliseScopes } from '../../src/domain/scope.js';

const DATA: Api = {
  id: 'data',
  title: 'Data API',
  types: ['oauth2', 'api-key'],
  resource: 'none',
  accessTokenTtl: 3600,
  permissions: [
    { id: 'calls', title: 'Calls', description: null },
    { id: 'users', title: 'Users', description: 'User details' },
  ],
};
const PROFILE: Api = {
  ...DATA,
  id: 'profile',
  title: 'Profile API',
  resource: 'workspace',
  permissions: [{ id: 'read', title: 'Read', description: null }],
};
const BEFORE: Catalog = {
  name: 'before',
  apis: [DATA, PROFILE],
  resources: [
    {
      id: 'acme',
      accounts: [
        { id: 'us', workspaces: ['ios', 'web'] },
        { id: 'eu', workspaces: [] },
      ],
    },
    { id: 'beta', accounts: [] },
  ],
};

function withData(change: Partial<Api>): Catalog {
  return { ...BEFORE, apis: [{ ...DATA, ...change }, PROFILE] };
}

function withResources(resources: Catalog['resources']): Catalog {
  return { ...BEFORE, resources };
}

function problems(after: Catalog, scopes: readonly string[], type: CredentialType = 'oauth2') {
  return invalidatedBy(BEFORE, after, [{ name: 'ci-bot', type, scopes }]).map(({ problem }) => problem);
}

const moved = withResources([
  {
    id: 'acme',
    accounts: [
      { id: 'us', workspaces: ['ios'] },
      { id: 'eu', workspaces: ['web'] },
    ],
  },
  { id: 'beta', accounts: [] },
]);

describe('the difference between two catalogs', () => {
  it('names APIs that come and go', () => {
    expect(catalogDifference(BEFORE, { ...BEFORE, apis: [PROFILE, { ...DATA, id: 'events' }] })).toEqual([
      '- api data',
      '+ api events',
    ]);
  });

  it('names permissions that come and go', () => {
    const permissions = [{ id: 'calls', title: 'Calls', description: null }];
    expect(catalogDifference(BEFORE, withData({ permissions }))).toEqual(['- permission data:users']);
    expect(catalogDifference(withData({ permissions }), BEFORE)).toEqual(['+ permission data:users']);
  });

  it('shows what a setting was and will be', () => {
    const after = withData({ title: 'Data', types: ['oauth2'], resource: 'org', accessTokenTtl: 60 });
    expect(catalogDifference(BEFORE, { ...after, name: 'after' })).toEqual([
      '~ name "before" -> "after"',
      '~ data title "Data API" -> "Data"',
      '~ data types oauth2, api-key -> oauth2',
      '~ data resource none -> org',
      '~ data access_token_ttl 3600 -> 60',
    ]);
  });

  it('shows the titles and descriptions of permissions, safely', () => {
    const permissions = [
      { id: 'calls', title: 'Calls', description: 'now\u001b[2J with one' },
      { id: 'users', title: 'People', description: null },
    ];
    expect(catalogDifference(BEFORE, withData({ permissions }))).toEqual([
      '~ data:calls description none -> "now\\u001b[2J with one"',
      '~ data:users title "Users" -> "People"',
      '~ data:users description "User details" -> none',
    ]);
  });

  it('shows resources that come, go and move', () => {
    expect(catalogDifference(BEFORE, moved)).toEqual(['~ workspace/web account/us -> account/eu']);
    const fewer = withResources([{ id: 'acme', accounts: [{ id: 'us', workspaces: ['ios', 'web', 'tv'] }] }]);
    expect(catalogDifference(BEFORE, fewer)).toEqual([
      '- account/eu in org/acme',
      '- org/beta',
      '+ workspace/tv in account/us',
    ]);
  });

  it('notices another order', () => {
    expect(catalogDifference(BEFORE, { ...BEFORE, apis: BEFORE.apis.toReversed() })).toEqual([
      '~ order of the apis',
    ]);
    expect(catalogDifference(BEFORE, withData({ permissions: DATA.permissions.toReversed() }))).toEqual([
      '~ order of the permissions of data',
    ]);
    expect(catalogDifference(BEFORE, withResources(BEFORE.resources.toReversed()))).toEqual([
      '~ order of the resources',
    ]);
  });

  it('is empty between a catalog and itself', () => {
    for (const catalog of [BEFORE, ...PRESETS.values()])
      expect(catalogDifference(catalog, catalog)).toEqual([]);
  });
});

describe('a new catalog', () => {
  it('may not remove an API that a credential holds', () => {
    const after = { ...BEFORE, apis: [DATA] };
    expect(problems(after, ['profile:*@org/acme', 'profile:read@workspace/ios'])).toEqual([
      'the API profile is removed',
    ]);
    expect(problems(after, ['data:users'])).toEqual([]);
  });

  it('may not move an API that a credential holds to another level', () => {
    expect(problems(withData({ resource: 'workspace' }), ['data:*'])).toEqual([
      'the resource level of the API data changes from none to workspace',
    ]);
    const lifted = { ...BEFORE, apis: [DATA, { ...PROFILE, resource: 'account' as const }] };
    expect(problems(lifted, ['profile:read@org/acme'])).toHaveLength(1);
  });

  it('may not close an API to the type of a credential that holds it', () => {
    const after = withData({ types: ['oauth2'] });
    expect(problems(after, ['data:users'], 'api-key')).toEqual(['the API data no longer admits api-key']);
    expect(problems(after, ['data:users'], 'oauth2')).toEqual([]);
  });

  it('may not remove a permission that a credential holds, but one that it holds through *', () => {
    const after = withData({ permissions: DATA.permissions.slice(0, 1) });
    expect(problems(after, ['data:users'])).toEqual(['the permission data:users is removed']);
    expect(problems(after, ['data:calls'])).toEqual([]);
    expect(problems(after, ['data:*'])).toEqual([]);
  });

  it('may not remove a resource that a credential is limited to', () => {
    const after = withResources([{ id: 'acme', accounts: [{ id: 'us', workspaces: ['ios'] }] }]);
    expect(problems(after, ['profile:read@workspace/web'])).toEqual(['workspace/web is removed']);
    expect(problems(after, ['profile:read@account/eu'])).toEqual(['account/eu is removed']);
    expect(problems(after, ['profile:read@org/beta'])).toEqual(['org/beta is removed']);
    expect(problems(after, ['profile:read@workspace/ios', 'profile:read@account/us'])).toEqual([]);
  });

  it('may not move a resource that a credential is limited to', () => {
    expect(problems(moved, ['profile:read@workspace/web'])).toEqual([
      'workspace/web moves from account/us in org/acme to account/eu in org/acme',
    ]);
    expect(problems(moved, ['profile:read@workspace/ios', 'profile:read@org/acme'])).toEqual([]);
  });

  it('may not move the account above it either', () => {
    const [acme] = BEFORE.resources;
    const after = withResources([
      { id: 'acme', accounts: [] },
      { id: 'beta', accounts: acme?.accounts ?? [] },
    ]);
    expect(problems(after, ['profile:read@workspace/ios'])).toEqual([
      'workspace/ios moves from account/us in org/acme to account/us in org/beta',
    ]);
    expect(problems(after, ['profile:read@account/us'])).toEqual([
      'account/us moves from org/acme to org/beta',
    ]);
  });

  it('may add, rename and change lifetimes', () => {
    const after = withData({
      title: 'New',
      accessTokenTtl: 60,
      permissions: [...DATA.permissions, ...PROFILE.permissions],
    });
    expect(problems({ ...after, name: 'after' }, ['data:users', 'data:*'])).toEqual([]);
  });

  it('never takes the built-in API away', () => {
    expect(problems({ name: 'empty', apis: [], resources: [] }, ['credctl:introspect'])).toEqual([]);
  });

  it('names every credential that is in its way once, with all its problems', () => {
    const after = { ...BEFORE, apis: [{ ...DATA, permissions: DATA.permissions.slice(0, 1) }] };
    const held = [
      { name: 'both', type: 'oauth2', scopes: ['data:users', 'profile:read@org/acme'] },
      { name: 'none', type: 'api-key', scopes: ['data:calls'] },
      { name: 'one', type: 'api-key', scopes: ['data:users'] },
    ] as const;
    expect(invalidatedBy(BEFORE, after, held)).toEqual([
      { name: 'both', problem: 'the permission data:users is removed; the API profile is removed' },
      { name: 'one', problem: 'the permission data:users is removed' },
    ]);
  });
});

describe('for any two catalogs', () => {
  const permissions = fc.shuffledSubarray(['a', 'b', 'c'], { minLength: 1 }).chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc.record({
          id: fc.constant(id),
          title: fc.constantFrom('T', 'U'),
          description: fc.constantFrom(null, '', 'D'),
        }),
      ),
    ),
  );
  const anyApi = (id: string) =>
    fc.record<Api>({
      id: fc.constant(id),
      title: fc.constantFrom('T', 'U'),
      types: fc.shuffledSubarray<CredentialType>(['oauth2', 'api-key'], { minLength: 1 }),
      resource: fc.constantFrom('none', ...RESOURCE_LEVELS),
      accessTokenTtl: fc.integer({ min: 1, max: 3 }),
      permissions,
    });
  const apis = fc.shuffledSubarray(['x', 'y']).chain((ids) => fc.tuple(...ids.map(anyApi)));
  // Each account goes to one org and each workspace to one account, or (0) nowhere: ids stay unique.
  const home = fc.nat({ max: 2 });
  const resources = fc.tuple(home, home, home, home, fc.boolean()).map(([a1, a2, w1, w2, isReversed]) => {
    const under = (parent: number, homes: Record<string, number>) =>
      Object.entries(homes).flatMap(([id, at]) => (at === parent ? [id] : []));
    const account = (id: string) => ({ id, workspaces: under(id === 'a1' ? 1 : 2, { w1, w2 }) });
    const orgs = [1, 2].map((org) => ({ id: `o${org}`, accounts: under(org, { a1, a2 }).map(account) }));
    return isReversed ? orgs.toReversed() : orgs;
  });
  const anyCatalog: fc.Arbitrary<Catalog> = fc.record({ name: fc.constantFrom('m', 'n'), apis, resources });
  const pair = fc.oneof(
    fc.tuple(anyCatalog, anyCatalog),
    anyCatalog.map((catalog): [Catalog, Catalog] => [catalog, structuredClone(catalog)]),
    fc
      .tuple(anyCatalog, resources)
      .map(([catalog, other]): [Catalog, Catalog] => [catalog, { ...catalog, resources: other }]),
  );

  function everyScope(catalog: Catalog): readonly string[] {
    return catalog.apis.flatMap(({ id, resource, permissions: held }) => {
      const bases = [...held.map((each) => each.id), '*'].map((permission) => `${id}:${permission}`);
      if (resource === 'none') return bases;
      const levels = RESOURCE_LEVELS.slice(0, RESOURCE_LEVELS.indexOf(resource) + 1);
      const places = levels.flatMap((level) => resourcesAt(catalog, level).map((each) => `${level}/${each}`));
      return bases.flatMap((base) => places.map((place) => `${base}@${place}`));
    });
  }

  it('the difference is empty exactly when their documents are the same', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        for (const catalog of [before, after]) checkCatalog(catalog);
        const isSame = JSON.stringify(catalogToDocument(before)) === JSON.stringify(catalogToDocument(after));
        expect(catalogDifference(before, after).length === 0).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });

  it('what is not refused leaves every held scope as valid as it was', () => {
    fc.assert(
      fc.property(pair, fc.constantFrom<CredentialType>('oauth2', 'api-key'), ([before, after], type) => {
        for (const text of everyScope(before)) {
          const isOpen = before.apis.some((api) => text.startsWith(`${api.id}:`) && api.types.includes(type));
          if (!isOpen) continue;
          const { scopes } = normaliseScopes(before, type, [text]);
          if (invalidatedBy(before, after, [{ name: 'n', type, scopes }]).length > 0) continue;
          expect(normaliseScopes(after, type, scopes)).toEqual({ scopes, notes: [] });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the same catalog again is never refused', () => {
    fc.assert(
      fc.property(anyCatalog, fc.constantFrom<CredentialType>('oauth2', 'api-key'), (catalog, type) => {
        const scopes = everyScope(catalog).filter((text) =>
          catalog.apis.some((api) => text.startsWith(`${api.id}:`) && api.types.includes(type)),
        );
        expect(invalidatedBy(catalog, catalog, [{ name: 'n', type, scopes }])).toEqual([]);
      }),
    );
  });
});
