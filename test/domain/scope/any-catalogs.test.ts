import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Api,
  type Catalog,
  type CredentialType,
  catalogToDocument,
  RESOURCE_LEVELS,
} from '../../../src/domain/scope/catalog.js';
import { catalogDifference, invalidatedBy } from '../../../src/domain/scope/catalog-change.js';
import { checkCatalog } from '../../../src/domain/scope/catalog-check.js';
import { normaliseScopes } from '../../../src/domain/scope/scope.js';
import { everyScope } from './scopes.js';

describe('for any two catalogs', () => {
  const permissions = fc.shuffledSubarray(['a', 'b', 'c'], { minLength: 1 }).chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc.record({
          id: fc.constant(id),
          title: fc.constantFrom('T', 'U'),
          description: fc.constantFrom(null, '', 'D'),
        }),
      ),
    ),
  );
  const anyApi = (id: string) =>
    fc.record<Api>({
      id: fc.constant(id),
      title: fc.constantFrom('T', 'U'),
      types: fc.shuffledSubarray<CredentialType>(['oauth2', 'api-key'], { minLength: 1 }),
      resource: fc.constantFrom('none', ...RESOURCE_LEVELS),
      accessTokenTtl: fc.integer({ min: 1, max: 3 }),
      permissions,
    });
  const apis = fc.shuffledSubarray(['x', 'y']).chain((ids) => fc.tuple(...ids.map(anyApi)));
  // Each account goes to one org and each workspace to one account, or (0) nowhere: ids stay unique.
  const home = fc.nat({ max: 2 });
  const resources = fc.tuple(home, home, home, home, fc.boolean()).map(([a1, a2, w1, w2, isReversed]) => {
    const under = (parent: number, homes: Record<string, number>) =>
      Object.entries(homes).flatMap(([id, at]) => (at === parent ? [id] : []));
    const account = (id: string) => ({ id, workspaces: under(id === 'a1' ? 1 : 2, { w1, w2 }) });
    const orgs = [1, 2].map((org) => ({ id: `o${org}`, accounts: under(org, { a1, a2 }).map(account) }));
    return isReversed ? orgs.toReversed() : orgs;
  });
  const anyCatalog: fc.Arbitrary<Catalog> = fc.record({ name: fc.constantFrom('m', 'n'), apis, resources });
  const pair = fc.oneof(
    fc.tuple(anyCatalog, anyCatalog),
    anyCatalog.map((catalog): [Catalog, Catalog] => [catalog, structuredClone(catalog)]),
    fc
      .tuple(anyCatalog, resources)
      .map(([catalog, other]): [Catalog, Catalog] => [catalog, { ...catalog, resources: other }]),
  );

  it('the difference is empty exactly when their documents are the same', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        for (const catalog of [before, after]) checkCatalog(catalog);
        const isSame = JSON.stringify(catalogToDocument(before)) === JSON.stringify(catalogToDocument(after));
        expect(catalogDifference(before, after).length === 0).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });

  it('what is not refused leaves every held scope as valid as it was', () => {
    fc.assert(
      fc.property(pair, fc.constantFrom<CredentialType>('oauth2', 'api-key'), ([before, after], type) => {
        for (const text of everyScope(before)) {
          const isOpen = before.apis.some((api) => text.startsWith(`${api.id}:`) && api.types.includes(type));
          if (!isOpen) continue;
          const { scopes } = normaliseScopes(before, type, [text]);
          if (invalidatedBy(before, after, [{ name: 'n', type, scopes }]).length > 0) continue;
          expect(normaliseScopes(after, type, scopes)).toEqual({ scopes, notes: [] });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the same catalog again is never refused', () => {
    fc.assert(
      fc.property(anyCatalog, fc.constantFrom<CredentialType>('oauth2', 'api-key'), (catalog, type) => {
        const scopes = everyScope(catalog).filter((text) =>
          catalog.apis.some((api) => text.startsWith(`${api.id}:`) && api.types.includes(type)),
        );
        expect(invalidatedBy(catalog, catalog, [{ name: 'n', type, scopes }])).toEqual([]);
      }),
    );
  });
});
