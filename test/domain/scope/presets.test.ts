import { describe, expect, it } from 'vitest';
import { catalogToDocument } from '../../../src/domain/scope/catalog.js';
import { checkCatalog } from '../../../src/domain/scope/catalog-check.js';
import { PRESETS, presetNames } from '../../../src/domain/scope/presets.js';

function documentOf(name: string) {
  const preset = PRESETS.get(name);
  return preset === undefined ? null : catalogToDocument(preset);
}

describe('the built-in catalogs', () => {
  it('are moveworks, mparticle and empty', () => {
    expect(presetNames).toEqual(['moveworks', 'mparticle', 'empty']);
    expect([...PRESETS.keys()]).toEqual(presetNames);
  });

  it.each([...PRESETS])('%s passes the check of catalogs', (name, catalog) => {
    expect(catalog.name).toBe(name);
    expect(() => checkCatalog(catalog)).not.toThrow();
  });

  it('moveworks has the Data and the Events API, and no resources', () => {
    expect(documentOf('moveworks')).toEqual({
      name: 'moveworks',
      apis: [
        {
          id: 'data',
          title: 'Data API',
          types: ['oauth2', 'api-key'],
          resource: 'none',
          access_token_ttl: 3600,
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
          access_token_ttl: 60,
          permissions: [{ id: 'messages', title: 'Messages', description: 'Send messages to users' }],
        },
      ],
      resources: [],
    });
  });

  it('mparticle has three APIs for OAuth 2.0 and an example of a resource tree', () => {
    expect(documentOf('mparticle')).toEqual({
      name: 'mparticle',
      apis: [
        {
          id: 'profile',
          title: 'Profile API',
          types: ['oauth2'],
          resource: 'workspace',
          access_token_ttl: 28800,
          permissions: [{ id: 'read', title: 'Read-only', description: 'Read user profiles' }],
        },
        {
          id: 'platform',
          title: 'Platform API',
          types: ['oauth2'],
          resource: 'account',
          access_token_ttl: 28800,
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
          access_token_ttl: 28800,
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
    });
  });

  it('empty has nothing', () => {
    expect(documentOf('empty')).toEqual({ name: 'empty', apis: [], resources: [] });
  });
});
