import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/domain/catalog.js';
import { normaliseScopes, parseRequirement, satisfiesAll } from '../../src/domain/scope.js';
import { sharedScopes } from '../../src/domain/shared-scopes.js';

const WORKSPACES = 150_000;

/** A catalog of the largest size, and how many of its workspaces were looked at so far. */
function largest(): { readonly catalog: Catalog; readonly looks: () => number } {
  let looks = 0;
  const ids = Array.from({ length: WORKSPACES }, (_, n) => `w${n}`);
  const workspaces = new Proxy(ids, {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^\d/.test(key)) looks += 1;
      return Reflect.get(target, key, receiver);
    },
  });
  const permissions = [{ id: 'read', title: 'Read', description: null }];
  const api = {
    id: 'p',
    title: 'P',
    types: ['oauth2'],
    resource: 'workspace',
    accessTokenTtl: 60,
    permissions,
  } as const;
  const resources = [{ id: 'acme', accounts: [{ id: 'us', workspaces }] }];
  return { catalog: { name: 'largest', apis: [api], resources }, looks: () => looks };
}

const ASKED = Array.from({ length: 200 }, (_, n) => `p:read@workspace/w${n * 700}`);

describe('the largest catalog', () => {
  it('is looked through once, not for each scope of a request', () => {
    const { catalog, looks } = largest();
    parseRequirement(catalog, 'p:read@workspace/w0');
    expect(looks()).toBe(WORKSPACES);
    const { scopes } = normaliseScopes(catalog, 'oauth2', ASKED);
    expect(satisfiesAll(catalog, ['p:*@org/acme'], scopes)).toBe(true);
    expect(sharedScopes(catalog, scopes, ['p:*@account/us'])).toEqual(scopes);
    expect(looks()).toBe(WORKSPACES);
  });

  it('is looked through for a suggestion only where somebody reads it', () => {
    const { catalog, looks } = largest();
    parseRequirement(catalog, 'p:read@workspace/w0');
    let fault: unknown;
    try {
      normaliseScopes(catalog, 'oauth2', [...ASKED, 'p:read@workspace/w15000O']);
    } catch (thrown) {
      fault = thrown;
    }
    expect(looks()).toBe(WORKSPACES);
    expect(fault).toMatchObject({ hint: expect.stringMatching(/^did you mean p:read@workspace\/w15000/) });
    expect(looks()).toBeGreaterThan(WORKSPACES);
  });
});
