import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Api, type Catalog, RESOURCE_LEVELS, resourcesAt } from '../../src/domain/catalog.js';
import { CredctlError } from '../../src/domain/errors.js';
import { PRESETS } from '../../src/domain/presets.js';
import {
  formatScope,
  normaliseScopes,
  parseRequirement,
  parseScope,
  satisfies,
  tokenLifetime,
} from '../../src/domain/scope.js';

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

const CATALOG: Catalog = {
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

const ONE_OF_EACH: Catalog = {
  ...CATALOG,
  resources: [{ id: 'acme', accounts: [{ id: 'acme-us', workspaces: ['ios-prod'] }] }],
};
const NO_RESOURCES: Catalog = { ...CATALOG, resources: [] };

/** Every scope that the catalog allows, written out with its resource. */
const EVERY_SCOPE: readonly string[] = CATALOG.apis.flatMap(({ id, resource, permissions }) => {
  const bases = [...permissions.map((permission) => permission.id), '*'].map((each) => `${id}:${each}`);
  if (resource === 'none') return bases;
  const levels = RESOURCE_LEVELS.slice(0, RESOURCE_LEVELS.indexOf(resource) + 1);
  const places = levels.flatMap((level) => resourcesAt(CATALOG, level).map((each) => `${level}/${each}`));
  return bases.flatMap((base) => places.map((place) => `${base}@${place}`));
});
const someScopes = fc.shuffledSubarray([...EVERY_SCOPE], { minLength: 1, maxLength: 8 });
const oneScope = fc.constantFrom(...EVERY_SCOPE);

function scopesOf(...texts: readonly string[]): readonly string[] {
  return normaliseScopes(CATALOG, 'oauth2', texts).scopes;
}

function usage(message: RegExp, hint: RegExp) {
  return expect.objectContaining({
    code: 'usage',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
}

describe('the grammar of a scope', () => {
  it('reads an API, a permission and perhaps a resource', () => {
    expect(parseScope('data:users')).toEqual({ api: 'data', permission: 'users', resource: null });
    expect(parseScope('data:*')).toEqual({ api: 'data', permission: '*', resource: null });
    expect(parseScope('profile:read@workspace/ios-prod')).toEqual({
      api: 'profile',
      permission: 'read',
      resource: { level: 'workspace', id: 'ios-prod' },
    });
  });

  it.each([
    ...['', 'data', 'data:', ':users', 'data:users:x', 'data:users@', 'data:users@org', 'data:users@/acme'],
    ...[
      'data:users@org/',
      'data:users@org/a/b',
      'data:users@org/a@b',
      ' data:users',
      'data:users\n',
      'data users',
    ],
    ...['data:users,data:calls', '@org/acme', 'data@org/acme:users'],
  ])('refuses %j with a hint', (text) => {
    expect(() => parseScope(text)).toThrow(usage(/is not a scope$/, /<api>:<permission>/));
  });

  it('refuses an unknown level and names the valid ones', () => {
    expect(() => parseScope('profile:read@workspaces/x')).toThrow(
      usage(/unknown resource level "workspaces"/, /did you mean workspace\? valid: org, account, workspace/),
    );
  });

  it('writes back what it read', () => {
    fc.assert(
      fc.property(oneScope, (text) => {
        expect(formatScope(parseScope(text))).toBe(text);
      }),
    );
  });

  it('answers any text with a scope or a usage error in printable ASCII', () => {
    const part = fc.oneof(
      fc.constantFrom('data', 'users', ':', '@', '/', 'org', '*'),
      fc.string({ unit: 'binary' }),
    );
    const anything = fc.array(part, { maxLength: 7 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(anything, (text) => {
        for (const read of [() => scopesOf(text), () => parseRequirement(CATALOG, text)]) {
          try {
            read();
          } catch (error) {
            if (!(error instanceof CredctlError)) throw error;
            expect(error.code).toBe('usage');
            expect(`${error.message} ${error.hint}`).toMatch(/^[ -~…]+$/);
          }
        }
      }),
    );
  });
});

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
      usage(/^the API profile does not admit api-key credentials$/, /it admits: oauth2; .*data, events/),
    );
  });

  it('show nothing of a text that could harm a terminal', () => {
    expect(() => scopesOf('da\u001b[2Jta:users')).toThrow(usage(/^unknown API "da\\u001b\[2Jta"$/, /valid/));
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
        /platform apply to an account, and workspace\/web is below/,
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
        'selected workspace/ios-prod for profile:read, the only one',
        'selected account/acme-us for platform:*, the only one',
        'selected org/acme for billing:read, the only one',
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

describe('a requirement', () => {
  it('is checked against the catalog like a scope', () => {
    expect(parseRequirement(CATALOG, 'data:users')).toEqual(parseScope('data:users'));
    expect(parseRequirement(CATALOG, 'credctl:introspect').api).toBe('credctl');
    expect(parseRequirement(CATALOG, 'profile:*@org/acme').permission).toBe('*');
    expect(() => parseRequirement(CATALOG, 'dta:users')).toThrow(
      usage(/unknown API/, /did you mean data:users/),
    );
    expect(() => parseRequirement(CATALOG, 'data:user')).toThrow(
      usage(/no permission/, /did you mean data:users/),
    );
    expect(() => parseRequirement(CATALOG, 'data:users@org/acme')).toThrow(usage(/no resource/, /write/));
    expect(() => parseRequirement(CATALOG, 'profile:read@workspace/x')).toThrow(
      usage(/unknown workspace/, /valid/),
    );
    expect(() => parseRequirement(CATALOG, 'platform:user@workspace/web')).toThrow(usage(/below/, /acme-eu/));
  });

  it('must name a resource on an API that has them, even where there is only one', () => {
    expect(() => parseRequirement(ONE_OF_EACH, 'profile:read')).toThrow(
      usage(/needs a workspace/, /workspace\/ios-prod/),
    );
    expect(() => parseRequirement(NO_RESOURCES, 'profile:read')).toThrow(
      usage(/no resources/, /catalog apply/),
    );
  });
});

describe('a grant', () => {
  it('on an account covers the workspaces below it', () => {
    const granted = ['profile:read@account/acme-us'];
    expect(satisfies(CATALOG, granted, 'profile:read@workspace/ios-prod')).toBe(true);
    expect(satisfies(CATALOG, granted, 'profile:read@account/acme-us')).toBe(true);
    expect(satisfies(CATALOG, granted, 'profile:read@workspace/web')).toBe(false);
    expect(satisfies(CATALOG, granted, 'profile:read@org/acme')).toBe(false);
    expect(satisfies(CATALOG, granted, 'profile:write@workspace/ios-prod')).toBe(false);
  });

  it('at one level does not cover a resource of the same id at another', () => {
    expect(satisfies(CATALOG, ['profile:read@workspace/beta'], 'profile:read@account/beta')).toBe(false);
  });

  it('of * covers every permission of that API and of no other', () => {
    expect(satisfies(CATALOG, ['data:*'], 'data:users')).toBe(true);
    expect(satisfies(CATALOG, ['data:*'], 'events:messages')).toBe(false);
  });

  it('must be of * to satisfy a requirement of *', () => {
    expect(satisfies(CATALOG, ['data:*'], 'data:*')).toBe(true);
    expect(satisfies(CATALOG, ['data:conversations', 'data:interactions', 'data:users'], 'data:*')).toBe(
      false,
    );
  });

  it('of nothing covers nothing', () => {
    fc.assert(
      fc.property(oneScope, (required) => {
        expect(satisfies(CATALOG, [], required)).toBe(false);
      }),
    );
  });

  it('of * on the top of the tree covers all of that API', () => {
    fc.assert(
      fc.property(oneScope, (required) => {
        const { api: id, resource } = parseScope(required);
        const granted = resource === null ? [`${id}:*`] : [`${id}:*@org/acme`, `${id}:*@org/beta`];
        expect(satisfies(CATALOG, granted, required)).toBe(true);
      }),
    );
  });

  it('covers itself, and what it covers is never lost by granting more', () => {
    fc.assert(
      fc.property(someScopes, someScopes, oneScope, (granted, more, required) => {
        for (const scope of granted) expect(satisfies(CATALOG, granted, scope)).toBe(true);
        if (satisfies(CATALOG, granted, required)) {
          expect(satisfies(CATALOG, [...more, ...granted], required)).toBe(true);
        }
      }),
    );
  });

  it('covers what is covered by something that it covers', () => {
    fc.assert(
      fc.property(oneScope, oneScope, oneScope, (a, b, c) => {
        if (satisfies(CATALOG, [a], b) && satisfies(CATALOG, [b], c))
          expect(satisfies(CATALOG, [a], c)).toBe(true);
      }),
    );
  });
});

describe("a token's lifetime", () => {
  it('is the shortest among the APIs that it covers', () => {
    expect(tokenLifetime(CATALOG, ['data:users', 'platform:*@org/acme'])).toBe(3600);
    expect(tokenLifetime(CATALOG, ['data:users', 'events:messages'])).toBe(60);
    expect(tokenLifetime(CATALOG, ['platform:user@org/acme'])).toBe(28_800);
    expect(tokenLifetime(CATALOG, ['platform:user@org/acme', 'credctl:introspect'])).toBe(3600);
  });

  it('is nothing where the catalog knows none of the APIs', () => {
    expect(tokenLifetime(CATALOG, ['gone:read'])).toBe(0);
    expect(tokenLifetime(CATALOG, [])).toBe(0);
  });
});
