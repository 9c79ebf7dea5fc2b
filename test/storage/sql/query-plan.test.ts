import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIAL_SORTS, type TypedQuery } from '../../../src/domain/ports/store-port.js';
import { VERSION_OF_HASH } from '../../../src/storage/sql/credential-rows.js';
import type { AccessPath } from '../../../src/storage/sql/listing/access-path.js';
import { selectionsOf } from '../../../src/storage/sql/listing/filter.js';
import { listQuery } from '../../../src/storage/sql/listing/query.js';
import { openDatabase } from '../../../src/storage/sqlite/connection.js';
import type { SqliteDatabase } from '../../../src/storage/sqlite/driver/database.js';
import { SQLITE, type SqliteTestStore } from '../../support/stores/stores.js';
import { NOW, type Population, populate, resolved } from '../contract/population.js';
import { statementsOfReferences } from '../recorded-statements.js';

describe('how SQLite answers a listing of thousands of credentials', () => {
  let files: SqliteTestStore;
  let population: Population;
  let database: SqliteDatabase;

  beforeAll(async () => {
    files = await SQLITE.create();
    population = await populate(files.store, 2_000);
    await files.tamper(`update version set retires_at = ${NOW + 1} where credential_key % 7 = 0`);
    database = openDatabase(files.path);
  });
  afterAll(async () => {
    database.close();
    await files.dispose();
  });

  /** The lines of EXPLAIN QUERY PLAN for a query that the program really sends. */
  const planOf = (query: TypedQuery, route: AccessPath): readonly string[] => {
    const { text, parameters } = listQuery(resolved(query), route);
    return explained(text, parameters);
  };
  const explained = (text: string, parameters: readonly unknown[]): readonly string[] =>
    database
      .prepare<unknown[], { detail: string }>(`explain query plan ${text}`)
      .all(...parameters)
      .map((row) => row.detail);
  /**
   * What is read from one end to the other: but for what a subquery found, the owners (p), who are few, and what the
   * index of texts answers.
   */
  const scans = (plan: readonly string[]) =>
    plan.filter(
      (line) => line.startsWith('SCAN') && !/^SCAN \(?[mpt]\b|^SCAN f VIRTUAL TABLE INDEX 0:M/.test(line),
    );
  /** Names are unique: there is nothing to do for `FOR LAST TERM OF ORDER BY`, which are ties. */
  const sorts = (plan: readonly string[]) => plan.some((line) => line.includes('TEMP B-TREE FOR ORDER BY'));
  const walks = (plan: readonly string[]) => plan.some((line) => line.startsWith('SCAN'));
  const withoutIndex = (plan: readonly string[]) => plan.filter((line) => /^SCAN \w+$/.test(line));

  it.each(CREDENTIAL_SORTS)('walks an index in the order by %s, and sorts nothing', (sort) => {
    const plan = planOf({ now: NOW, sort, limit: 50 }, { kind: 'in-order' });
    expect(sorts(plan), plan.join('\n')).toBe(false);
    expect(withoutIndex(plan)).toEqual([]);
  });

  it.each(CREDENTIAL_SORTS)('goes straight to the place of the next page by %s', async (sort) => {
    const { nextCursor } = await files.store.listCredentials({ now: NOW, sort, limit: 50 });
    const after = nextCursor === null ? {} : { cursor: nextCursor };
    const plan = planOf({ now: NOW, sort, limit: 50, ...after }, { kind: 'in-order' });
    expect(nextCursor).not.toBeNull();
    expect(sorts(plan), plan.join('\n')).toBe(false);
    expect(walks(plan), plan.join('\n')).toBe(false);
  });

  const narrowing: readonly (readonly [string, () => Partial<TypedQuery>])[] = [
    ['type, in another order', () => ({ type: 'oauth2', sort: 'created' })],
    ['status inactive, in another order', () => ({ status: 'inactive', sort: 'last-used' })],
    ['status owner_inactive', () => ({ status: 'owner_inactive' })],
    ['status expired', () => ({ status: 'expired' })],
    ['owner, in another order', () => ({ ownerId: population.owners[0]?.id ?? '', sort: 'expires' })],
    ['scope', () => ({ scope: 'data:*' })],
    ['scope, of an API with an alias', () => ({ scope: 'archive:read@org/acme' })],
    ['API', () => ({ api: 'events' })],
    ['API with an alias', () => ({ api: 'archive' })],
    ['what one may do', () => ({ can: 'old:read@workspace/berlin' })],
    ['label', () => ({ label: { key: 'env', value: 'prod' } })],
    ['the start of a label', () => ({ labelStart: { key: 'env', value: 'pr' } })],
    ['the start of the key of a label', () => ({ labelStart: { key: 'en', value: null } })],
    ['versions that retire', () => ({ isRetiring: true })],
    ['the start of a scope', () => ({ scopeStarts: ['events:m', 'events:*'] })],
    ['due', () => ({ dueBy: NOW })],
    ['expiry', () => ({ expiresFrom: NOW - 100, expiresBy: NOW + 1 })],
    ['unused for', () => ({ unusedSince: NOW })],
    ['search', () => ({ search: 'nightly' })],
  ];

  it.each(narrowing)(
    'with a filter by %s, counts and finds what it selects in an index',
    (_filter, filter) => {
      const query = { now: NOW, sort: 'name', limit: 50, ...filter() } as const;
      const [selection, ...others] = selectionsOf(resolved(query));
      if (selection === undefined) throw new TypeError('no index selects it');
      expect(others).toEqual([]);
      const counting = explained(`select 1 ${selection.from} limit 4001`, selection.parameters);
      expect(scans(counting), counting.join('\n')).toEqual([]);
      const plan = planOf(query, { kind: 'selected', selection });
      expect(scans(plan), plan.join('\n')).toEqual([]);
      expect(
        plan.some((line) => /SEARCH c USING (INTEGER PRIMARY KEY|INDEX \w+ \(key=\?\))/.test(line)),
      ).toBe(true);
    },
  );

  it.each(narrowing)(
    'where a filter by %s selects many, walks the order and checks',
    async (_filter, filter) => {
      const query = { now: NOW, sort: 'name', limit: 50, ...filter() } as const;
      const plan = planOf(query, { kind: 'in-order' });
      expect(sorts(plan), plan.join('\n')).toBe(false);
      expect(withoutIndex(plan), plan.join('\n')).toEqual([]);
      expect(plan.filter((line) => /LIST SUBQUERY|AUTOMATIC/.test(line))).toEqual([]);
      const { nextCursor } = await files.store.listCredentials({ ...query, limit: 1 });
      if (nextCursor === null) throw new TypeError('the filter selects one credential');
      const further = planOf({ ...query, cursor: nextCursor }, { kind: 'in-order' });
      expect(walks(further) || sorts(further), further.join('\n')).toBe(false);
    },
  );

  it.each<readonly [string, () => Partial<TypedQuery>]>([
    ['type', () => ({ type: 'oauth2' })],
    ['status active', () => ({ status: 'active' })],
    [
      'status owner_inactive, of an owner',
      () => ({ ownerId: population.owners[2]?.id ?? '', status: 'owner_inactive' }),
    ],
    ['status active, of an owner', () => ({ ownerId: population.owners[0]?.id ?? '', status: 'active' })],
    ['status inactive', () => ({ status: 'inactive' })],
    ['owner', () => ({ ownerId: population.owners[0]?.id ?? '' })],
    ['expiry, those that are active', () => ({ status: 'active', sort: 'expires' })],
    ['expiry, those that end soon', () => ({ expiresFrom: NOW, expiresBy: NOW + 100, sort: 'expires' })],
    ['last use, those unused for long', () => ({ unusedSince: NOW, sort: 'last-used' })],
    ['last use, those used lately', () => ({ usedAfter: NOW - 1, sort: 'last-used' })],
    [
      'last use, those of an owner that were used lately',
      () => ({
        usedAfter: NOW - 1,
        ownerId: population.owners[0]?.id ?? '',
        status: 'active',
        sort: 'last-used',
      }),
    ],
  ])('has an index with the order for %s', (_filter, filter) => {
    const query = { now: NOW, sort: 'name', limit: 50, ...filter() } as const;
    const plan = planOf(query, { kind: 'in-order' });
    expect(selectionsOf(resolved(query)).length === 0 || query.sort !== 'name').toBe(true);
    expect(walks(plan) || sorts(plan), plan.join('\n')).toBe(false);
  });

  it.each(narrowing)('shows the same by either way, with a filter by %s', async (_filter, filter) => {
    const query = { now: NOW, sort: 'name', limit: 200, ...filter() } as const;
    const [selection] = selectionsOf(resolved(query));
    if (selection === undefined) throw new TypeError('no index selects it');
    const shown = (route: AccessPath) => {
      const { text, parameters } = listQuery(resolved(query), route);
      return database
        .prepare<unknown[], string>(text)
        .pluck()
        .all(...parameters);
    };
    const walked = shown({ kind: 'in-order' });
    expect(walked.length).toBeGreaterThan(1);
    expect(shown({ kind: 'selected', selection })).toEqual(walked);
  });

  it('searches an index for every statement about a handle, or about what a reference names', async () => {
    const statements = await statementsOfReferences(files, population);
    expect(statements.length).toBeGreaterThan(20);
    for (const [text, parameters] of statements) {
      const plan = explained(text, parameters);
      const read = plan.filter((line) => line.startsWith('SCAN') && !/^SCAN (?:scan\d+|merged)\b/.test(line));
      expect(read, `${text}\n${plan.join('\n')}`).toEqual([]);
    }
  });

  it.each([
    ['the name', 'select * from credential c where c.name_key = ?'],
    [
      'name, id or client id',
      'select * from credential c where c.name_key = ? or c.id = ? or c.client_id = ?',
    ],
    ['the versions of some credentials', 'select * from version v where v.credential_key in (?, ?)'],
    ['the hash of a version', `select * from version_hash h ${VERSION_OF_HASH} where h.version_id = ?`],
    ['a token', 'select * from access_token where id = ?'],
    ['the tokens of a version, to wipe them', 'delete from access_token where version_id = ?'],
    ['a scope of a credential', 'delete from credential_scope where scope = ? and credential_key = ?'],
    [
      'a label of a credential',
      'delete from credential_label where key = ? and value = ? and credential_key = ?',
    ],
    ['the versions and uses of a credential, to wipe them', 'delete from credential where key = ?'],
    ['the events of a target', 'select * from audit_event where target_key = ? order by seq desc limit 50'],
    ['the events of an action', 'select * from audit_event where action = ? order by seq desc limit 50'],
  ])('searches an index for %s', (_what, sql) => {
    const plan = database
      .prepare<[], { detail: string }>(`explain query plan ${sql.replaceAll('?', "'x'")}`)
      .all();
    const lines = plan.map((row) => row.detail);
    expect(walks(lines) || sorts(lines), lines.join('\n')).toBe(false);
  });
});
