import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CredctlError } from '../../../src/domain/errors.js';
import { formatScope, parseRequirement, parseScope } from '../../../src/domain/scope/scope.js';
import { CATALOG, oneScope, scopesOf, usage } from './scopes.js';

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

  it("hints at what the store's own catalog has: the level that is missing, or examples", () => {
    const meant = /^did you mean profile:read@workspace\/web\?$/;
    expect(() => parseRequirement(CATALOG, 'profile:read@web')).toThrow(usage(/is not a scope$/, meant));
    expect(() => scopesOf('profile:read@web')).toThrow(usage(/is not a scope$/, meant));
    const examples = /such as data:conversations or profile:read@workspace\/ios-prod$/;
    for (const text of ['profile:read@nowhere', 'users'])
      expect(() => parseRequirement(CATALOG, text)).toThrow(usage(/is not a scope$/, examples));
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

  it('answers any text with a scope or a usage error in what prints', () => {
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
            expect(`${error.message} ${error.hint}`).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
          }
        }
      }),
    );
  });
});
