import type { Api, Catalog } from '../../../src/domain/scope/catalog.js';

export const DATA: Api = {
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

export const PROFILE: Api = {
  ...DATA,
  id: 'profile',
  title: 'Profile API',
  resource: 'workspace',
  permissions: [{ id: 'read', title: 'Read', description: null }],
};

/** What the other catalogs are changes of. */
export const BEFORE: Catalog = {
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

export function withData(change: Partial<Api>): Catalog {
  return { ...BEFORE, apis: [{ ...DATA, ...change }, PROFILE] };
}

export function withResources(resources: Catalog['resources']): Catalog {
  return { ...BEFORE, resources };
}

/** One workspace is under another account. */
export const MOVED = withResources([
  {
    id: 'acme',
    accounts: [
      { id: 'us', workspaces: ['ios'] },
      { id: 'eu', workspaces: ['web'] },
    ],
  },
  { id: 'beta', accounts: [] },
]);
