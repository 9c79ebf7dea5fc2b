import { describe, expect, it } from 'vitest';
import { catalogDifference } from '../../../src/domain/scope/catalog-change.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { BEFORE, DATA, MOVED, PROFILE, withData, withResources } from './changed-catalogs.js';

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
      '~ data:calls description none -> "now\\u{1b}[2J with one"',
      '~ data:users title "Users" -> "People"',
      '~ data:users description "User details" -> none',
    ]);
  });

  it('shows resources that come, go and move', () => {
    expect(catalogDifference(BEFORE, MOVED)).toEqual(['~ workspace/web account/us -> account/eu']);
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
