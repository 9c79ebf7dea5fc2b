import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequirement, parseScope, satisfies, tokenLifetime } from '../../../src/domain/scope/scope.js';
import { sharedScopes } from '../../../src/domain/scope/shared-scopes.js';
import { CATALOG, NO_RESOURCES, ONE_OF_EACH, oneScope, someScopes, usage } from './scopes.js';

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

describe('what two lists have in common', () => {
  it.each([
    [['data:*'], ['data:users'], ['data:users']],
    [['data:users', 'data:conversations'], ['data:*'], ['data:conversations', 'data:users']],
    [['data:*'], ['events:messages'], []],
    [['profile:*@workspace/web'], ['profile:read@org/acme'], ['profile:read@workspace/web']],
    [['profile:*@workspace/web'], ['profile:read@account/acme-us'], []],
    [['profile:*@org/acme'], ['profile:*@org/acme', 'profile:read@org/acme'], ['profile:*@org/acme']],
  ])('of %j and %j is %j', (some, others, common) => {
    expect(sharedScopes(CATALOG, some, others)).toEqual(common);
    expect(sharedScopes(CATALOG, others, some)).toEqual(common);
  });

  it('covers exactly what both cover', () => {
    fc.assert(
      fc.property(someScopes, someScopes, oneScope, (some, others, required) => {
        const both = satisfies(CATALOG, some, required) && satisfies(CATALOG, others, required);
        expect(satisfies(CATALOG, sharedScopes(CATALOG, some, others), required)).toBe(both);
      }),
      { numRuns: 2_000 },
    );
  });
});
