import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { normaliseScopes, satisfies } from '../../../src/domain/scope/scope.js';
import { CATALOG, NO_RESOURCES, ONE_OF_EACH, oneScope, scopesOf, someScopes, usage } from './scopes.js';

describe('the scopes of a credential', () => {
  it('are at least one', () => {
    expect(() => scopesOf()).toThrow(usage(/no scope/, /--scope/));
  });

  it('come out sorted, without repetitions', () => {
    expect(scopesOf('events:messages', 'data:users', 'events:messages')).toEqual([
      'data:users',
      'events:messages',
    ]);
  });

  it('may include the built-in API, for both types and in every catalog', () => {
    const empty = { name: 'empty', apis: [], resources: [] };
    for (const type of ['api-key', 'oauth2'] as const) {
      expect(normaliseScopes(empty, type, ['credctl:introspect']).scopes).toEqual(['credctl:introspect']);
    }
  });

  it('name an API of the catalog, else the error lists those for the type and the nearest', () => {
    expect(() => scopesOf('dta:users')).toThrow(
      usage(/^unknown API "dta"$/, /^did you mean data:users\? valid: data, events, profile, .*, credctl$/),
    );
    expect(() => normaliseScopes(CATALOG, 'api-key', ['profil:read'])).toThrow(
      usage(/"profil"/, /^valid: data, events, platform, billing, credctl$/),
    );
  });

  it('name a permission of the API, else the error lists them and the nearest', () => {
    expect(() => scopesOf('data:user')).toThrow(
      usage(
        /^the API data has no permission "user"$/,
        /^did you mean data:users\? valid: data:conversations, data:interactions, data:users, data:\*$/,
      ),
    );
    expect(() => scopesOf('data:__proto__')).toThrow(usage(/"__proto__"/, /^valid: data:conv/));
  });

  it('are of an API that admits the type of the credential', () => {
    expect(() => normaliseScopes(CATALOG, 'api-key', ['profile:read@org/acme'])).toThrow(
      usage(/^the API profile does not allow api-key credentials$/, /it allows: oauth2; .*data, events/),
    );
  });

  it('show nothing of a text that could harm a terminal', () => {
    expect(() => scopesOf('da\u001b[2Jta:users')).toThrow(
      usage(/^unknown API "da\\u\{1b\}\[2Jta"$/, /valid/),
    );
  });
});

describe('the resource of a scope', () => {
  it('is an error on an API without resources', () => {
    expect(() => scopesOf('data:users@org/acme')).toThrow(
      usage(/the API data take no resource/, /write data:users/),
    );
  });

  it('may be at the level of the API or above', () => {
    const texts = ['profile:read@account/acme-us', 'profile:read@org/acme', 'profile:read@workspace/web'];
    expect(scopesOf(...texts)).toEqual(texts);
  });

  it('may not be below the level of the API; the error names the resource above', () => {
    expect(() => scopesOf('platform:admin@workspace/web')).toThrow(
      usage(
        /platform is for an account or above, and workspace\/web is below/,
        /did you mean platform:admin@account\/acme-eu\?/,
      ),
    );
  });

  it('exists, else the error lists the choices and the nearest', () => {
    expect(() => scopesOf('profile:read@workspace/ios-prd')).toThrow(
      usage(
        /^unknown workspace "ios-prd"$/,
        /^did you mean profile:read@workspace\/ios-prod\? valid: workspace\/ios-prod, .*, org\/beta$/,
      ),
    );
    expect(() => scopesOf('profile:read@account/web')).toThrow(usage(/^unknown account "web"$/, /valid/));
  });

  it('is selected where only one exists at the level of the API, and that is said', () => {
    expect(normaliseScopes(ONE_OF_EACH, 'oauth2', ['profile:read', 'platform:*', 'billing:read'])).toEqual({
      scopes: ['billing:read@org/acme', 'platform:*@account/acme-us', 'profile:read@workspace/ios-prod'],
      notes: [
        'selected workspace/ios-prod for profile:read: the catalog has no other',
        'selected account/acme-us for platform:*: the catalog has no other',
        'selected org/acme for billing:read: the catalog has no other',
      ],
    });
  });

  it('is said to be selected once, and not at all when it was given', () => {
    expect(normaliseScopes(ONE_OF_EACH, 'oauth2', ['billing:read', 'billing:read']).notes).toHaveLength(1);
    expect(normaliseScopes(ONE_OF_EACH, 'oauth2', ['billing:read@org/acme', 'data:users']).notes).toEqual([]);
  });

  it('has to be chosen where there are several, and the error lists them', () => {
    expect(() => scopesOf('profile:read')).toThrow(
      usage(
        /^profile:read needs a workspace$/,
        /profile:read@<level>\/<id>; valid: workspace\/ios-prod, workspace\/ios-dev/,
      ),
    );
    expect(() => normaliseScopes(PRESETS.get('mparticle') ?? CATALOG, 'oauth2', ['profile:read'])).toThrow(
      usage(
        /needs a workspace/,
        /workspace\/development, workspace\/production, account\/example-account, org\/example-org/,
      ),
    );
  });

  it('cannot be chosen where the catalog has none, and the error says so', () => {
    expect(() => normaliseScopes(NO_RESOURCES, 'oauth2', ['platform:user'])).toThrow(
      usage(/^platform:user needs an account, and the catalog has no resources$/, /catalog apply/),
    );
  });

  it('is left to be chosen from the levels above where the own level is empty', () => {
    const orgOnly = { ...CATALOG, resources: [{ id: 'acme', accounts: [] }] };
    expect(() => normaliseScopes(orgOnly, 'oauth2', ['platform:user'])).toThrow(
      usage(/^platform:user needs an account$/, /valid: org\/acme$/),
    );
  });
});

describe('<api>:*', () => {
  it('swallows the other scopes of its API and no others', () => {
    expect(scopesOf('data:users', 'data:*', 'events:messages')).toEqual(['data:*', 'events:messages']);
  });

  it('swallows what is on the same resource or below it', () => {
    expect(
      scopesOf('profile:*@account/acme-us', 'profile:read@workspace/ios-dev', 'profile:read@account/acme-us'),
    ).toEqual(['profile:*@account/acme-us']);
    expect(scopesOf('profile:*@org/acme', 'profile:*@workspace/web')).toEqual(['profile:*@org/acme']);
  });

  it('leaves alone what is above it or beside it', () => {
    const texts = ['profile:*@account/acme-us', 'profile:read@org/acme', 'profile:read@workspace/web'];
    expect(scopesOf(...texts)).toEqual(texts);
  });
});

describe('normalising', () => {
  it('changes nothing the second time and has nothing more to say', () => {
    fc.assert(
      fc.property(someScopes, (texts) => {
        const once = scopesOf(...texts);
        expect(normaliseScopes(CATALOG, 'oauth2', once)).toEqual({ scopes: once, notes: [] });
      }),
    );
  });

  it('does not depend on order or repetition', () => {
    fc.assert(
      fc.property(someScopes, (texts) => {
        expect(scopesOf(...texts.toReversed(), ...texts)).toEqual(scopesOf(...texts));
      }),
    );
  });

  it('grants exactly what was asked for', () => {
    fc.assert(
      fc.property(someScopes, oneScope, (texts, required) => {
        expect(satisfies(CATALOG, scopesOf(...texts), required)).toBe(satisfies(CATALOG, texts, required));
      }),
    );
  });
});
