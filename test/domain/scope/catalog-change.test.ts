import { describe, expect, it } from 'vitest';
import type { Catalog, CredentialType } from '../../../src/domain/scope/catalog.js';
import { invalidatedBy } from '../../../src/domain/scope/catalog-change.js';
import { BEFORE, DATA, MOVED, PROFILE, withData, withResources } from './changed-catalogs.js';

function problems(after: Catalog, scopes: readonly string[], type: CredentialType = 'oauth2') {
  return invalidatedBy(BEFORE, after, [{ name: 'ci-bot', type, scopes }]).map(({ problem }) => problem);
}

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
    expect(problems(after, ['data:users'], 'api-key')).toEqual(['the API data no longer allows api-key']);
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
    expect(problems(MOVED, ['profile:read@workspace/web'])).toEqual([
      'workspace/web moves from account/us in org/acme to account/eu in org/acme',
    ]);
    expect(problems(MOVED, ['profile:read@workspace/ios', 'profile:read@org/acme'])).toEqual([]);
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
