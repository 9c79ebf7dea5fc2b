import type { Catalog } from './catalog.js';

const MOVEWORKS: Catalog = {
  name: 'moveworks',
  apis: [
    {
      id: 'data',
      title: 'Data API',
      types: ['oauth2', 'api-key'],
      resource: 'none',
      accessTokenTtl: 3600,
      permissions: [
        { id: 'conversations', title: 'Conversations', description: 'Conversation-level data' },
        {
          id: 'interactions',
          title: 'Interactions',
          description: 'User messages and AI Assistant responses',
        },
        { id: 'plugin-calls', title: 'Plugin Calls', description: 'Plugin execution data' },
        { id: 'plugin-resources', title: 'Plugin Resources', description: 'Plugin resource metadata' },
        { id: 'users', title: 'Users', description: 'User details: IDs, emails, attributes' },
      ],
    },
    {
      id: 'events',
      title: 'Events API',
      types: ['oauth2', 'api-key'],
      resource: 'none',
      accessTokenTtl: 60,
      permissions: [{ id: 'messages', title: 'Messages', description: 'Send messages to users' }],
    },
  ],
  resources: [],
};

const MPARTICLE: Catalog = {
  name: 'mparticle',
  apis: [
    {
      id: 'profile',
      title: 'Profile API',
      types: ['oauth2'],
      resource: 'workspace',
      accessTokenTtl: 28_800,
      permissions: [{ id: 'read', title: 'Read-only', description: 'Read user profiles' }],
    },
    {
      id: 'platform',
      title: 'Platform API',
      types: ['oauth2'],
      resource: 'account',
      accessTokenTtl: 28_800,
      permissions: [
        { id: 'admin', title: 'Admin', description: 'Create, update and delete platform entities' },
        { id: 'user', title: 'User', description: 'Read platform entities' },
      ],
    },
    {
      id: 'data-planning',
      title: 'Data Planning API',
      types: ['oauth2'],
      resource: 'workspace',
      accessTokenTtl: 28_800,
      permissions: [
        { id: 'read', title: 'Read-only', description: 'Read data plans' },
        { id: 'write', title: 'Read and write', description: 'Create and update data plans' },
      ],
    },
  ],
  resources: [
    {
      id: 'example-org',
      accounts: [{ id: 'example-account', workspaces: ['development', 'production'] }],
    },
  ],
};

const EMPTY: Catalog = { name: 'empty', apis: [], resources: [] };

/** The built-in catalogs by name. */
export const PRESETS: ReadonlyMap<string, Catalog> = new Map(
  [MOVEWORKS, MPARTICLE, EMPTY].map((catalog) => [catalog.name, catalog]),
);

/** Names of the built-in catalogs, the default first. */
export const presetNames: readonly string[] = [...PRESETS.keys()];
