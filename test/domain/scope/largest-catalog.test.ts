import { describe, expect, it } from 'vitest';
import type { Api, Catalog } from '../../../src/domain/scope/catalog.js';
import { checkSteps } from '../../../src/domain/scope/catalog-check.js';
import { indexSteps, STEP } from '../../../src/domain/scope/catalog-index.js';
import { normaliseScopes, parseRequirement, satisfiesAll } from '../../../src/domain/scope/scope.js';
import { sharedScopes } from '../../../src/domain/scope/shared-scopes.js';

/** A tenth of what a document of 1 MiB has room for: counting takes time. */
const [WORKSPACES, APIS, PERMISSIONS] = [15_000, 800, 5_000];

/** A list that counts how often one of its elements was looked at. */
function counted<T>(list: readonly T[], look: () => void): readonly T[] {
  return new Proxy(list, {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^\d/.test(key)) look();
      return Reflect.get(target, key, receiver);
    },
  });
}

function apiOf(id: string, permissions: Api['permissions']): Api {
  return { id, title: 'P', types: ['oauth2'], resource: 'workspace', accessTokenTtl: 60, permissions };
}

const READ = { id: 'read', title: 'Read', description: null };

/** A catalog of the largest size, and how many of its parts were looked at so far. */
function largest(): { readonly catalog: Catalog; readonly looks: () => number } {
  let looks = 0;
  const look = () => {
    looks += 1;
  };
  const workspaces = counted(
    Array.from({ length: WORKSPACES }, (_, n) => `w${n}`),
    look,
  );
  const permissions = Array.from({ length: PERMISSIONS }, (_, n) => ({ ...READ, id: `p${n}` }));
  const apis = [
    ...Array.from({ length: APIS }, (_, n) => apiOf(`a${n}`, [READ])),
    apiOf('p', counted([...permissions, READ], look)),
  ];
  const resources = [{ id: 'acme', accounts: [{ id: 'us', workspaces }] }];
  return { catalog: { name: 'largest', apis: counted(apis, look), resources }, looks: () => looks };
}

/** As many scopes as a request may name. */
const ASKED = Array.from({ length: 200 }, (_, n) => `p:p${n * 9}@workspace/w${n * 70}`);

describe('the largest catalog', () => {
  it('is looked through once, not for each scope of a request', () => {
    const { catalog, looks } = largest();
    parseRequirement(catalog, 'p:read@workspace/w0');
    const indexing = looks();
    expect(indexing).toBeLessThan(2 * (WORKSPACES + APIS + PERMISSIONS));
    const { scopes } = normaliseScopes(catalog, 'oauth2', ASKED);
    expect(satisfiesAll(catalog, ['p:*@org/acme'], scopes)).toBe(true);
    expect(sharedScopes(catalog, scopes, ['p:*@account/us'])).toEqual(scopes);
    expect(looks()).toBe(indexing);
  });

  it.each([
    ['checked', checkSteps],
    ['prepared for look-ups', indexSteps],
  ])('is %s in steps, so that a server goes on meanwhile', (_what, stepsOf) => {
    const { catalog, looks } = largest();
    const perStep: number[] = [];
    let before = 0;
    for (const _ of stepsOf(catalog)) {
      perStep.push(looks() - before);
      before = looks();
    }
    expect(perStep.length).toBeGreaterThan(WORKSPACES / STEP);
    // Each permission is looked at twice, and what indexes copies the list of APIs once.
    expect(Math.max(...perStep)).toBeLessThanOrEqual(2 * STEP + APIS);
  });

  it('is looked through for a suggestion only where somebody reads it', () => {
    const { catalog, looks } = largest();
    parseRequirement(catalog, 'p:read@workspace/w0');
    const indexing = looks();
    let fault: unknown;
    try {
      normaliseScopes(catalog, 'oauth2', [...ASKED, 'p:read@workspace/w1500O']);
    } catch (thrown) {
      fault = thrown;
    }
    expect(looks()).toBe(indexing);
    expect(fault).toMatchObject({ hint: expect.stringMatching(/^did you mean p:read@workspace\/w1500/) });
    expect(looks()).toBeGreaterThan(indexing);
  });
});
