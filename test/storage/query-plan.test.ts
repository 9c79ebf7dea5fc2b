import type { Database } from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIAL_SORTS, type CredentialQuery } from '../../src/domain/store-port.js';
import { listQuery } from '../../src/storage/list-query.js';
import { openDatabase } from '../../src/storage/sqlite-open.js';
import { SQLITE, type SqliteTestStore } from '../support/stores.js';
import { NOW, type Population, populate } from './contract/population.js';

describe('how SQLite answers a listing of thousands of credentials', () => {
  let files: SqliteTestStore;
  let population: Population;
  let database: Database;

  beforeAll(async () => {
    files = await SQLITE.create();
    population = await populate(files.store, 2_000);
    database = openDatabase(files.path);
  });
  afterAll(async () => {
    database.close();
    await files.dispose();
  });

  /** The lines of EXPLAIN QUERY PLAN for the query that the program really sends. */
  const planOf = (query: CredentialQuery): readonly string[] => {
    const { text, parameters } = listQuery(query, { kind: 'open' });
    return database
      .prepare<unknown[], { detail: string }>(`explain query plan ${text}`)
      .all(...parameters)
      .map((row) => row.detail);
  };
  const sorts = (plan: readonly string[]) => plan.some((line) => line.includes('TEMP B-TREE'));
  const walks = (plan: readonly string[]) => plan.some((line) => line.startsWith('SCAN'));
  const withoutIndex = (plan: readonly string[]) => plan.filter((line) => /^SCAN \w+$/.test(line));

  it.each(CREDENTIAL_SORTS)('walks an index in the order by %s, and sorts nothing', (sort) => {
    const plan = planOf({ now: NOW, sort, limit: 50 });
    expect(sorts(plan), plan.join('\n')).toBe(false);
    expect(withoutIndex(plan)).toEqual([]);
  });

  it.each(CREDENTIAL_SORTS)('goes straight to the place of the next page by %s', async (sort) => {
    const { nextCursor } = await files.store.listCredentials({ now: NOW, sort, limit: 50 });
    const plan = planOf({
      now: NOW,
      sort,
      limit: 50,
      ...(nextCursor === null ? {} : { cursor: nextCursor }),
    });
    expect(nextCursor).not.toBeNull();
    expect(sorts(plan), plan.join('\n')).toBe(false);
    expect(walks(plan), plan.join('\n')).toBe(false);
  });

  it.each<readonly [string, () => Partial<CredentialQuery>]>([
    ['type', () => ({ type: 'oauth2' })],
    ['status active', () => ({ status: 'active' })],
    ['status inactive', () => ({ status: 'inactive' })],
    ['status expired', () => ({ status: 'expired' })],
    ['owner', () => ({ ownerId: population.owners[0]?.id ?? '' })],
    ['scope', () => ({ scope: 'data:*' })],
    ['label', () => ({ label: { key: 'env', value: 'prod' } })],
    ['due', () => ({ dueBy: NOW })],
  ])('with a filter by %s, searches an index or walks the one of the order', (_filter, filter) => {
    const plan = planOf({ now: NOW, sort: 'name', limit: 50, ...filter() });
    expect(withoutIndex(plan), plan.join('\n')).toEqual([]);
    expect(walks(plan) && sorts(plan), plan.join('\n')).toBe(false);
  });

  it.each([
    ['the name', 'select * from credential c where c.name_key = ?'],
    [
      'name, id or client id',
      'select * from credential c where c.name_key = ? or c.id = ? or c.client_id = ?',
    ],
    ['the versions of some credentials', 'select * from version v where v.credential_id in (?, ?)'],
    [
      'the hash of a version',
      'select * from version v join version_hash h on h.version_id = v.id where v.id = ?',
    ],
    ['a token', 'select * from access_token where id = ?'],
    ['the tokens of a credential, to wipe them', 'delete from access_token where credential_id = ?'],
    ['the tokens of a version, to wipe them', 'delete from access_token where version_id = ?'],
    ['the scopes of a credential', 'delete from credential_scope where credential_id = ?'],
    ['the labels of a credential', 'delete from credential_label where credential_id = ?'],
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
