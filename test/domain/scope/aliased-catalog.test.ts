import { describe, expect, it } from 'vitest';
import { type Api, type Catalog, catalogToDocument } from '../../../src/domain/scope/catalog.js';
import { catalogDifference, invalidatedBy } from '../../../src/domain/scope/catalog-change.js';
import { checkCatalog, MOST_ALIASES } from '../../../src/domain/scope/catalog-check.js';
import { catalogFromStored, catalogToStored } from '../../../src/storage/sql/catalog.js';
import { BEFORE, DATA, PROFILE, withData } from './changed-catalogs.js';
import { usage } from './scopes.js';

const withApis = (...apis: readonly Api[]): Catalog => ({ ...BEFORE, apis });
const RECORDS = withData({ id: 'records', aliases: ['data'] });

function problems(before: Catalog, after: Catalog, ...scopes: readonly string[]) {
  return invalidatedBy(before, after, [{ name: 'ci-bot', type: 'oauth2', scopes }]).map(
    ({ problem }) => problem,
  );
}

describe('the aliases of an API', () => {
  it('are part of its document, and left out where there are none', () => {
    expect(catalogToDocument(RECORDS).apis[0]).toMatchObject({ id: 'records', aliases: ['data'] });
    expect(Object.keys(catalogToDocument(withData({ aliases: [] })).apis[0] ?? {})).not.toContain('aliases');
    expect(catalogFromStored(catalogToStored(RECORDS))).toEqual(RECORDS);
  });

  it.each<readonly [string, Catalog, RegExp]>([
    [
      'the id of another API',
      withData({ aliases: ['profile'] }),
      /apis\[0\]\.aliases\[0\] has the id "profile" of apis\[1\]$/,
    ],
    [
      'its own id',
      withData({ aliases: ['data'] }),
      /apis\[0\]\.aliases\[0\] has the id "data" of apis\[0\]$/,
    ],
    [
      'an alias of another API',
      withApis({ ...DATA, aliases: ['old'] }, { ...PROFILE, aliases: ['older', 'old'] }),
      /apis\[1\]\.aliases\[1\] has the id "old" of apis\[0\]\.aliases\[0\]$/,
    ],
    [
      'the reserved id',
      withData({ aliases: ['old', 'credctl'] }),
      /apis\[0\]\.aliases\[1\] "credctl" is reserved$/,
    ],
    ['no id at all', withData({ aliases: ['Old'] }), /apis\[0\]\.aliases\[0\] has an invalid id: "Old"$/],
    [
      'one of too many',
      withData({ aliases: Array.from({ length: MOST_ALIASES + 1 }, (_, n) => `old-${n}`) }),
      /apis\[0\] has 101 aliases; an API can have at most 100$/,
    ],
  ])('may not be %s', (_what, catalog, message) => {
    expect(() => checkCatalog(catalog)).toThrow(usage(message, /./));
  });

  it('may be any other id, several of them', () => {
    expect(() => checkCatalog(withData({ aliases: ['old', 'older'] }))).not.toThrow();
  });
});

describe('renaming an API, with the id that it had as an alias', () => {
  it('is told as that, with what else changes', () => {
    expect(catalogDifference(BEFORE, RECORDS)).toEqual(['~ api data -> records', '+ alias data of records']);
    const more = withData({ id: 'records', aliases: ['data'], accessTokenTtl: 60, permissions: [] });
    expect(catalogDifference(BEFORE, more)).toEqual([
      '~ api data -> records',
      '+ alias data of records',
      '~ records access_token_ttl 3600 -> 60',
      '- permission records:calls',
      '- permission records:users',
    ]);
  });

  it('breaks no credential, and so on with the next name', () => {
    expect(problems(BEFORE, RECORDS, 'data:*', 'data:users')).toEqual([]);
    const facts = withData({ id: 'facts', aliases: ['records', 'data'] });
    expect(problems(RECORDS, facts, 'data:users', 'records:users')).toEqual([]);
    expect(problems(RECORDS, withData({ aliases: ['records'] }), 'data:users', 'records:calls')).toEqual([]);
  });

  it('is taken back with an alias as well', () => {
    expect(problems(RECORDS, BEFORE, 'data:users')).toEqual(['the API records is removed']);
  });

  it('may break what else it changes', () => {
    expect(problems(BEFORE, withData({ id: 'records' }), 'data:users')).toEqual(['the API data is removed']);
    const fewer = withData({ id: 'records', aliases: ['data'], permissions: DATA.permissions.slice(0, 1) });
    expect(problems(BEFORE, fewer, 'data:users')).toEqual(['the permission data:users is removed']);
    const moved = withData({ id: 'records', aliases: ['data'], resource: 'org' });
    expect(problems(BEFORE, moved, 'data:*')).toEqual([
      'the resource level of the API records changes from none to org',
    ]);
  });
});

describe('an alias that a credential is held under', () => {
  it('may not be removed', () => {
    const facts = withData({ id: 'facts', aliases: ['records'] });
    expect(problems(RECORDS, facts, 'data:users')).toEqual(['the alias data of the API records is removed']);
    expect(problems(RECORDS, facts, 'records:users')).toEqual([]);
    expect(catalogDifference(RECORDS, facts)).toEqual([
      '~ api records -> facts',
      '- alias data of facts',
      '+ alias records of facts',
    ]);
  });

  it('may not come to mean another API', () => {
    const given = withApis({ ...DATA, id: 'records' }, { ...PROFILE, aliases: ['data'] });
    expect(problems(RECORDS, given, 'data:users')).toEqual([
      'the alias data of the API records becomes one of the API profile',
    ]);
    const own = withApis({ ...DATA, id: 'records' }, DATA);
    expect(problems(RECORDS, own, 'data:users')).toEqual([
      'the alias data of the API records becomes an API of its own',
    ]);
  });

  it('is told of in the difference, with its order', () => {
    const two = withData({ aliases: ['old', 'older'] });
    expect(catalogDifference(BEFORE, two)).toEqual(['+ alias old of data', '+ alias older of data']);
    expect(catalogDifference(two, withData({ aliases: ['older', 'old'] }))).toEqual([
      '~ order of the aliases of data',
    ]);
  });
});
