import fc from 'fast-check';
import { expect } from 'vitest';
import { type Api, type Catalog, RESOURCE_LEVELS, resourcesAt } from '../../../src/domain/scope/catalog.js';
import { normaliseScopes } from '../../../src/domain/scope/scope.js';

function api(
  id: string,
  resource: Api['resource'],
  permissions: readonly string[],
  change: Partial<Api> = {},
): Api {
  return {
    id,
    title: id,
    types: ['oauth2', 'api-key'],
    resource,
    accessTokenTtl: 3600,
    permissions: permissions.map((permission) => ({ id: permission, title: permission, description: null })),
    ...change,
  };
}

/** An API of each level, and two trees. */
export const CATALOG: Catalog = {
  name: 'test',
  apis: [
    api('data', 'none', ['conversations', 'interactions', 'users']),
    api('events', 'none', ['messages'], { accessTokenTtl: 60 }),
    api('profile', 'workspace', ['read', 'write'], { types: ['oauth2'] }),
    api('platform', 'account', ['admin', 'user'], { accessTokenTtl: 28_800 }),
    api('billing', 'org', ['read']),
  ],
  resources: [
    {
      id: 'acme',
      accounts: [
        { id: 'acme-us', workspaces: ['ios-prod', 'ios-dev'] },
        { id: 'acme-eu', workspaces: ['web'] },
      ],
    },
    { id: 'beta', accounts: [{ id: 'beta', workspaces: ['beta'] }] },
  ],
};

export const ONE_OF_EACH: Catalog = {
  ...CATALOG,
  resources: [{ id: 'acme', accounts: [{ id: 'acme-us', workspaces: ['ios-prod'] }] }],
};

export const NO_RESOURCES: Catalog = { ...CATALOG, resources: [] };

/** Every scope that a catalog allows, written out with its resource. */
export function everyScope(catalog: Catalog): readonly string[] {
  return catalog.apis.flatMap(({ id, resource, permissions }) => {
    const bases = [...permissions.map((permission) => permission.id), '*'].map((each) => `${id}:${each}`);
    if (resource === 'none') return bases;
    const levels = RESOURCE_LEVELS.slice(0, RESOURCE_LEVELS.indexOf(resource) + 1);
    const places = levels.flatMap((level) => resourcesAt(catalog, level).map((each) => `${level}/${each}`));
    return bases.flatMap((base) => places.map((place) => `${base}@${place}`));
  });
}

const scopesOfCatalog = everyScope(CATALOG);
export const someScopes = fc.shuffledSubarray([...scopesOfCatalog], { minLength: 1, maxLength: 8 });
export const oneScope = fc.constantFrom(...scopesOfCatalog);

/** What an OAuth client that is given the scopes holds. */
export function scopesOf(...texts: readonly string[]): readonly string[] {
  return normaliseScopes(CATALOG, 'oauth2', texts).scopes;
}

/** An error of usage, by what it says. */
export function usage(message: RegExp, hint: RegExp) {
  return expect.objectContaining({
    code: 'usage',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
}
