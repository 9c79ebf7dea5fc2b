import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Api,
  allApis,
  BUILT_IN_API,
  type Catalog,
  CREDENTIAL_TYPES,
  catalogToDocument,
  formatResource,
  RESOURCE_LEVELS,
  resourcesAt,
} from '../../../src/domain/scope/catalog.js';
import { checkCatalog } from '../../../src/domain/scope/catalog-check.js';
import { ancestors, findApi, isAtOrBelow, resourceExists } from '../../../src/domain/scope/catalog-index.js';

const DATA: Api = {
  id: 'data',
  title: 'Data API',
  types: ['oauth2', 'api-key'],
  resource: 'none',
  accessTokenTtl: 3600,
  permissions: [
    { id: 'users', title: 'Users', description: null },
    { id: 'calls', title: 'Calls', description: 'Plugin calls' },
  ],
};

const CATALOG: Catalog = {
  name: 'test',
  apis: [DATA],
  resources: [
    {
      id: 'acme',
      accounts: [
        { id: 'acme', workspaces: ['acme', 'ios-prod'] },
        { id: 'acme-eu', workspaces: ['web'] },
      ],
    },
    { id: 'beta', accounts: [] },
  ],
};

function usage(message: RegExp) {
  return expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) });
}

function withApi(change: Partial<Api>): Catalog {
  return { ...CATALOG, apis: [{ ...DATA, ...change }] };
}

describe('the API that is always there', () => {
  it('is credctl:introspect and credctl:scan, for both types, without resources, for 3600 seconds', () => {
    expect(BUILT_IN_API).toMatchObject({ id: 'credctl', resource: 'none', accessTokenTtl: 3600 });
    expect(BUILT_IN_API.types).toEqual(CREDENTIAL_TYPES);
    expect(BUILT_IN_API.permissions.map(({ id }) => id)).toEqual(['introspect', 'scan']);
  });

  it('belongs to every catalog, and to no document', () => {
    expect(allApis(CATALOG)).toEqual([DATA, BUILT_IN_API]);
    expect(findApi(CATALOG, 'credctl')).toBe(BUILT_IN_API);
    expect(catalogToDocument(CATALOG).apis.map(({ id }) => id)).toEqual(['data']);
  });
});

describe('looking up', () => {
  it('finds an API by its id', () => {
    expect(findApi(CATALOG, 'data')).toBe(DATA);
    expect(findApi(CATALOG, 'Data')).toBeNull();
    expect(findApi(CATALOG, '__proto__')).toBeNull();
  });

  it('lists the resources of a level in the order of the tree', () => {
    expect(resourcesAt(CATALOG, 'org')).toEqual(['acme', 'beta']);
    expect(resourcesAt(CATALOG, 'account')).toEqual(['acme', 'acme-eu']);
    expect(resourcesAt(CATALOG, 'workspace')).toEqual(['acme', 'ios-prod', 'web']);
  });

  it('keeps levels apart', () => {
    expect(resourceExists(CATALOG, 'workspace', 'web')).toBe(true);
    expect(resourceExists(CATALOG, 'account', 'web')).toBe(false);
    expect(resourceExists(CATALOG, 'org', 'beta')).toBe(true);
    expect(isAtOrBelow(CATALOG, { level: 'org', id: 'acme' }, { level: 'account', id: 'acme' })).toBe(false);
    expect(isAtOrBelow(CATALOG, { level: 'account', id: 'acme' }, { level: 'org', id: 'acme' })).toBe(true);
  });

  it('names what lies above a resource, its parent first', () => {
    const above = (level: 'org' | 'account' | 'workspace', id: string) =>
      ancestors(CATALOG, level, id).map(formatResource);
    expect(above('workspace', 'web')).toEqual(['account/acme-eu', 'org/acme']);
    expect(above('account', 'acme')).toEqual(['org/acme']);
    expect(above('org', 'acme')).toEqual([]);
    expect(above('workspace', 'nowhere')).toEqual([]);
    expect(above('account', 'nowhere')).toEqual([]);
  });

  it('counts as below exactly what has the other among its ancestors', () => {
    const nodes = RESOURCE_LEVELS.flatMap((level) =>
      resourcesAt(CATALOG, level).map((id) => ({ level, id })),
    );
    const node = fc.constantFrom(...nodes);
    fc.assert(
      fc.property(node, node, node, (a, b, c) => {
        const isAbove = ancestors(CATALOG, a.level, a.id).some(
          (each) => formatResource(each) === formatResource(b),
        );
        expect(isAtOrBelow(CATALOG, a, b)).toBe(isAbove || formatResource(a) === formatResource(b));
        if (isAtOrBelow(CATALOG, a, b) && isAtOrBelow(CATALOG, b, c)) {
          expect(isAtOrBelow(CATALOG, a, c)).toBe(true);
        }
      }),
    );
  });
});

describe('the check of a catalog', () => {
  it('accepts one that fits together, also with one id at several levels', () => {
    expect(() => checkCatalog(CATALOG)).not.toThrow();
    expect(() => checkCatalog({ name: 'none', apis: [], resources: [] })).not.toThrow();
  });

  it('keeps the id credctl for the built-in API', () => {
    expect(() => checkCatalog(withApi({ id: 'credctl' }))).toThrow(
      usage(/apis\[0\]\.id "credctl" is reserved/),
    );
  });

  it('refuses two APIs or two permissions of the same id', () => {
    expect(() => checkCatalog({ ...CATALOG, apis: [DATA, DATA] })).toThrow(
      usage(/apis\[1\].*"data".*apis\[0\]/),
    );
    const [users] = DATA.permissions;
    const permissions = users === undefined ? [] : [...DATA.permissions, users];
    expect(() => checkCatalog(withApi({ permissions }))).toThrow(
      usage(/apis\[0\]\.permissions\[2\].*"users".*permissions\[0\]/),
    );
  });

  it('refuses two resources of the same id at one level, wherever they are', () => {
    const resources = [
      { id: 'a', accounts: [{ id: 'one', workspaces: ['web'] }] },
      { id: 'b', accounts: [{ id: 'two', workspaces: ['ios', 'web'] }] },
    ];
    expect(() => checkCatalog({ ...CATALOG, resources })).toThrow(
      usage(/ resources\[1\]\.accounts\[0\]\.workspaces\[1\] .*"web".*resources\[0\]\..*workspaces\[0\]$/),
    );
    const twice = [...resources, { id: 'c', accounts: [{ id: 'one', workspaces: [] }] }];
    expect(() => checkCatalog({ ...CATALOG, resources: twice.toSpliced(1, 1) })).toThrow(usage(/"one"/));
    expect(() =>
      checkCatalog({ ...CATALOG, resources: [...CATALOG.resources, { id: 'beta', accounts: [] }] }),
    ).toThrow(usage(/resources\[2\].*"beta"/));
  });

  it('refuses an API without types or without permissions', () => {
    expect(() => checkCatalog(withApi({ types: [] }))).toThrow(usage(/apis\[0\]\.types of data is empty/));
    expect(() => checkCatalog(withApi({ permissions: [] }))).toThrow(usage(/permissions of data is empty/));
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 86_400 * 365 + 1])(
    'refuses a token lifetime of %d seconds',
    (accessTokenTtl) => {
      expect(() => checkCatalog(withApi({ accessTokenTtl }))).toThrow(usage(/access_token_ttl of data/));
    },
  );

  it.each([1, 60, 86_400 * 365])('accepts a token lifetime of %d seconds', (accessTokenTtl) => {
    expect(() => checkCatalog(withApi({ accessTokenTtl }))).not.toThrow();
  });

  it.each(['', 'Data', '-data', 'data_api', 'data:x', '*', 'a b', 'data\n', 'd\u0430ta', 'a'.repeat(65)])(
    'refuses the id %j for an API and a permission',
    (id) => {
      expect(() => checkCatalog(withApi({ id }))).toThrow(usage(/apis\[0\] has an invalid id/));
      const permissions = [{ id, title: 'X', description: null }];
      expect(() => checkCatalog(withApi({ permissions }))).toThrow(
        usage(/apis\[0\]\.permissions\[0\] has an invalid id/),
      );
    },
  );

  it.each(['', '.a', 'a/b', 'a b', 'a@b', 'a:b', 'a\u001b', 'a\n', 'é', 'a'.repeat(129)])(
    'refuses the id %j for a resource, without repeating what could harm a terminal',
    (id) => {
      const bad: readonly Catalog['resources'][] = [
        [{ id, accounts: [] }],
        [{ id: 'o', accounts: [{ id, workspaces: [] }] }],
        [{ id: 'o', accounts: [{ id: 'a', workspaces: [id] }] }],
      ];
      for (const resources of bad) {
        expect(() => checkCatalog({ ...CATALOG, resources })).toThrow(
          usage(/^in the catalog, resources[^\p{C}]*$/u),
        );
      }
    },
  );
});

describe('the document of a catalog', () => {
  it('has the form of the YAML presets', () => {
    expect(catalogToDocument(CATALOG)).toEqual({
      name: 'test',
      apis: [
        {
          id: 'data',
          title: 'Data API',
          types: ['oauth2', 'api-key'],
          resource: 'none',
          access_token_ttl: 3600,
          permissions: [
            { id: 'users', title: 'Users', description: null },
            { id: 'calls', title: 'Calls', description: 'Plugin calls' },
          ],
        },
      ],
      resources: CATALOG.resources,
    });
  });

  it('survives being stored as JSON', () => {
    const document = catalogToDocument(CATALOG);
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});
