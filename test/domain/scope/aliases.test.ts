import { describe, expect, it } from 'vitest';
import { scopesHeld } from '../../../src/domain/credential/verdict.js';
import type { Catalog } from '../../../src/domain/scope/catalog.js';
import {
  presentScopes,
  scopesOfStored,
  scopesToStore,
  underStoredIds,
} from '../../../src/domain/scope/present-scopes.js';
import {
  formatScope,
  normaliseScopes,
  parseRequirement,
  satisfiesAll,
  tokenLifetime,
} from '../../../src/domain/scope/scope.js';
import { scopeSelection } from '../../../src/domain/scope/scope-selection.js';
import { CATALOG, usage } from './scopes.js';

/** The same catalog, where data and profile had other ids before. */
const RENAMED: Catalog = {
  ...CATALOG,
  apis: CATALOG.apis.map((api) => {
    if (api.id === 'data') return { ...api, aliases: ['data-beta', 'data-alpha'] };
    return api.id === 'profile' ? { ...api, aliases: ['people'] } : api;
  }),
};

const normalised = (...texts: readonly string[]) => normaliseScopes(RENAMED, 'oauth2', texts).scopes;
const covers = (stored: readonly string[], required: string) =>
  satisfiesAll(RENAMED, presentScopes(RENAMED, stored), [formatScope(parseRequirement(RENAMED, required))]);

describe('a scope under an alias of its API', () => {
  it('is taken for one of the API, and gets its id of today', () => {
    expect(normalised('data-beta:users')).toEqual(['data:users']);
    expect(normalised('people:read@account/acme-us')).toEqual(['profile:read@account/acme-us']);
    expect(normalised('data:users', 'data-alpha:users')).toEqual(['data:users']);
    expect(formatScope(parseRequirement(RENAMED, 'data-beta:*'))).toBe('data:*');
    expect(tokenLifetime(RENAMED, ['data-beta:users'])).toBe(3600);
  });

  it('is swallowed by all of the API under another id', () => {
    expect(normalised('data:*', 'data-beta:users')).toEqual(['data:*']);
    expect(normalised('data-beta:*', 'data:users', 'events:messages')).toEqual(['data:*', 'events:messages']);
    expect(normalised('people:*@account/acme-us', 'profile:read@workspace/ios-dev')).toEqual([
      'profile:*@account/acme-us',
    ]);
  });

  it('is refused like one under its id, and by that', () => {
    expect(() => normalised('data-beta:user')).toThrow(
      usage(/^the API data has no permission "user"$/, /data:users/),
    );
    expect(() => normaliseScopes(RENAMED, 'api-key', ['people:read@org/acme'])).toThrow(
      usage(/^the API profile does not allow api-key/, /./),
    );
    expect(() => parseRequirement(RENAMED, 'people:read')).toThrow(
      usage(/^profile:read needs a workspace$/, /./),
    );
    expect(() => normalised('data-gamma:users')).toThrow(usage(/^unknown API "data-gamma"$/, /./));
  });

  it.each([
    ['data-beta:users', 'data:users', true],
    ['data:users', 'data-beta:users', true],
    ['data-beta:users', 'data-alpha:users', true],
    ['data-beta:*', 'data:users', true],
    ['data-beta:users', 'data:interactions', false],
    ['data-beta:users', 'data-beta:*', false],
    ['people:read@account/acme-us', 'profile:read@workspace/ios-dev', true],
    ['profile:read@account/acme-us', 'people:read@workspace/ios-dev', true],
    ['people:read@account/acme-us', 'profile:read@workspace/web', false],
    ['people:read@account/acme-us', 'data:users', false],
  ])('held as %s, does for %s: %s', (held, required, expected) => {
    expect(covers([held], required)).toBe(expected);
  });

  it('narrows a token, and is narrowed by one', () => {
    const credential = (...scopes: readonly string[]) => ({ scopes });
    expect(scopesHeld(RENAMED, credential('data-beta:*'), { scopes: ['data:users'] })).toEqual([
      'data:users',
    ]);
    expect(scopesHeld(RENAMED, credential('data:users'), { scopes: ['data-beta:*'] })).toEqual([
      'data:users',
    ]);
    expect(scopesHeld(RENAMED, credential('data-beta:users'), null)).toEqual(['data:users']);
    const people = credential('people:*@account/acme-us');
    expect(scopesHeld(RENAMED, people, { scopes: ['profile:read@org/acme'] })).toEqual([
      'profile:read@account/acme-us',
    ]);
  });
});

describe('what a store keeps', () => {
  it('is the same list where nothing in it is under an alias', () => {
    const stored = ['data:users', 'events:messages'];
    expect(presentScopes(RENAMED, stored)).toBe(stored);
    expect(scopesOfStored(RENAMED, stored)).toEqual({ scopes: stored });
    expect(presentScopes(CATALOG, ['data-beta:users'])).toEqual(['data-beta:users']);
    expect(scopesOfStored(null, ['data-beta:users'])).toEqual({ scopes: ['data-beta:users'] });
  });

  it('is read under the ids of today, in their order, each once', () => {
    expect(presentScopes(RENAMED, ['data-beta:users', 'data:interactions', 'data:users'])).toEqual([
      'data:interactions',
      'data:users',
    ]);
    expect(scopesOfStored(RENAMED, ['data-beta:users'])).toEqual({
      scopes: ['data:users'],
      storedScopes: ['data-beta:users'],
    });
  });

  it('is unreadable where something beside an alias is no scope', () => {
    expect(() => scopesOfStored(RENAMED, ['data-beta:users', 'nonsense'])).toThrow(
      expect.objectContaining({ code: 'integrity' }),
    );
    expect(scopesOfStored(RENAMED, ['data:users', 'nonsense']).scopes).toEqual(['data:users', 'nonsense']);
  });

  it('stays as it is for what goes on to be held', () => {
    const stored = ['data-beta:users', 'events:messages'];
    expect(scopesToStore(RENAMED, ['data:interactions', 'data:users'], stored)).toEqual([
      'data-beta:users',
      'data:interactions',
    ]);
    expect(scopesToStore(RENAMED, ['data:*'], stored)).toEqual(['data:*']);
  });

  it('says under which id a token of a client is kept', () => {
    const tokens = (scopes: readonly string[], ...stored: readonly string[]) =>
      underStoredIds(RENAMED, scopes, stored);
    expect(tokens(['data:users'], 'data-beta:*')).toEqual(['data-beta:users']);
    expect(tokens(['data:users'], 'data-beta:users', 'data:interactions')).toEqual(['data-beta:users']);
    expect(tokens(['data:users'], 'data-beta:users', 'data:users')).toEqual(['data:users']);
    expect(tokens(['data:users'], 'data:*')).toEqual(['data:users']);
    expect(tokens(['profile:read@workspace/ios-dev'], 'people:read@account/acme-us')).toEqual([
      'people:read@workspace/ios-dev',
    ]);
  });
});

describe('a listing by scopes', () => {
  it('looks for every spelling of a scope, and of an API', () => {
    expect(scopeSelection(RENAMED, { scope: 'data-beta:users' }).scopes).toEqual([
      ['data:users', 'data-beta:users', 'data-alpha:users'],
    ]);
    expect(scopeSelection(RENAMED, { api: 'people' }).apis).toEqual(['profile', 'people']);
    expect(scopeSelection(RENAMED, {})).toEqual({ scopes: [], apis: null });
  });

  it('looks for every grant that is enough', () => {
    expect(scopeSelection(RENAMED, { can: 'events:messages' }).scopes).toEqual([
      ['events:messages', 'events:*'],
    ]);
    expect(scopeSelection(RENAMED, { can: 'events:*' }).scopes).toEqual([['events:*']]);
    const [grants] = scopeSelection(RENAMED, { can: 'people:read@account/acme-us' }).scopes;
    expect([...(grants ?? [])].sort()).toEqual([
      ...['people:*@account/acme-us', 'people:*@org/acme'],
      ...['people:read@account/acme-us', 'people:read@org/acme'],
      ...['profile:*@account/acme-us', 'profile:*@org/acme'],
      ...['profile:read@account/acme-us', 'profile:read@org/acme'],
    ]);
  });

  it('refuses what the catalog does not have, with what it has', () => {
    expect(() => scopeSelection(RENAMED, { api: 'dat' })).toThrow(
      usage(/^unknown API "dat"$/, /did you mean data\?.*data, events/),
    );
    expect(() => scopeSelection(RENAMED, { can: 'data:user' })).toThrow(
      usage(/^the API data has no permission "user"$/, /did you mean data:users\?/),
    );
    expect(() => scopeSelection(RENAMED, { can: 'profile:read' })).toThrow(
      usage(/^profile:read needs a workspace$/, /workspace\/ios-prod/),
    );
  });
});
