import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIAL_SORTS, type TypedQuery } from '../../../src/domain/ports/store-port.js';
import { textIndexIn } from '../../../src/storage/postgres/schema/text-index.js';
import { VERSION_OF_HASH } from '../../../src/storage/sql/credential-rows.js';
import { listQuery } from '../../../src/storage/sql/listing/query.js';
import { POSTGRES_ENGINES, type PostgresTestStore } from '../../support/postgres/stores.js';
import type { SqlValue } from '../../support/stores/stores.js';
import { NOW, type Population, populate, resolved } from '../contract/population.js';
import { statementsOfReferences } from '../recorded-statements.js';

describe.each(POSTGRES_ENGINES)('how $label answers a listing of hundreds of credentials', (engine) => {
  let fresh: PostgresTestStore;
  let population: Population;

  beforeAll(async () => {
    fresh = await engine.create();
    population = await populate(fresh.store, 500);
    await fresh.ask('analyze');
    await fresh.ask('set enable_seqscan = off');
  });
  afterAll(async () => {
    await fresh.ask('reset enable_seqscan');
    await fresh.dispose();
  });

  /** A text with the values in their places. */
  const filledIn = (text: string, parameters: readonly SqlValue[]): string => {
    const literal = (value: SqlValue | undefined) =>
      typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
    let next = 0;
    return text.replaceAll(/'[^']*'|\?/g, (part) => (part === '?' ? literal(parameters[next++]) : part));
  };
  /** The lines of EXPLAIN. */
  const planOf = async (text: string, parameters: readonly SqlValue[]): Promise<readonly string[]> => {
    const lines = await fresh.ask<{ 'QUERY PLAN': string }>(`explain ${filledIn(text, parameters)}`);
    return lines.map((line) => line['QUERY PLAN']);
  };
  const planFor = (query: TypedQuery) => {
    const { text, parameters } = listQuery(resolved(query), { kind: 'open' });
    return planOf(text, parameters);
  };
  /** What is in the order of the key already needs no more than its ties put in order (`Incremental Sort`). */
  const sorts = (plan: readonly string[]) => plan.some((line) => /^\s*(?:-> +)?Sort +\(/.test(line));

  it.each(CREDENTIAL_SORTS)(
    'walks an index in the order by %s, and sorts no more than ties',
    async (sort) => {
      const plan = await planFor({ now: NOW, sort, limit: 50 });
      expect(sorts(plan), plan.join('\n')).toBe(false);
    },
  );

  it.each(CREDENTIAL_SORTS)('goes straight to the place of the next page by %s', async (sort) => {
    const { nextCursor } = await fresh.store.listCredentials({ now: NOW, sort, limit: 50 });
    const plan = await planFor({
      now: NOW,
      sort,
      limit: 50,
      ...(nextCursor === null ? {} : { cursor: nextCursor }),
    });
    expect(nextCursor).not.toBeNull();
    expect(sorts(plan), plan.join('\n')).toBe(false);
    expect(plan.join('\n')).toMatch(/Index Cond: \(+.*(name_key|created_at|last_used_at|expires_at)/);
  });

  it.each<readonly [string, () => Partial<TypedQuery>]>([
    ['type', () => ({ type: 'oauth2' })],
    ['status inactive', () => ({ status: 'inactive' })],
    ['owner', () => ({ ownerId: population.owners[0]?.id ?? '' })],
    ['scope', () => ({ scope: 'data:*' })],
    ['API', () => ({ api: 'events' })],
    ['API with an alias', () => ({ api: 'archive' })],
    ['what one may do', () => ({ can: 'old:read@workspace/berlin' })],
    ['label', () => ({ label: { key: 'env', value: 'prod' } })],
    ['the start of a label', () => ({ labelStart: { key: 'env', value: 'pr' } })],
    ['the start of the key of a label', () => ({ labelStart: { key: 'en', value: null } })],
    ['versions that retire', () => ({ isRetiring: true })],
    ['the start of a scope', () => ({ scopeStarts: ['events:m', 'events:*'] })],
    ['status active', () => ({ status: 'active' })],
    ['status owner_inactive', () => ({ status: 'owner_inactive' })],
    ['status expired', () => ({ status: 'expired' })],
    ['due', () => ({ dueBy: NOW })],
    ['expiry', () => ({ expiresFrom: NOW - 100, expiresBy: NOW + 1, sort: 'expires' })],
    ['unused for', () => ({ unusedSince: NOW })],
  ])('has an index for a filter by %s', async (_filter, filter) => {
    const plan = await planFor({ now: NOW, sort: 'name', limit: 50, ...filter() });
    expect(
      plan.filter((line) => /Seq Scan on (credential|version)/.test(line)),
      plan.join('\n'),
    ).toEqual([]);
  });

  it('searches an index for every statement about a handle, or about what a reference names', async () => {
    const statements = await statementsOfReferences(fresh, population);
    expect(statements.length).toBeGreaterThan(20);
    for (const [text, parameters] of statements) {
      const plan = await planOf(text, parameters);
      const read = plan.filter((line) => /Seq Scan on (?!store)/.test(line));
      expect(read, `${text}\n${plan.join('\n')}`).toEqual([]);
      expect(plan.join('\n')).not.toContain('audit_event_pkey');
    }
  });

  it('walks the order for an API of many, checks each row, and finds the same', async () => {
    const query = { now: NOW, sort: 'name', limit: 50, api: 'old' } as const;
    const walk = { kind: 'open', isApiChecked: true } as const;
    const page = listQuery(resolved(query), walk);
    const plan = await planOf(page.text, page.parameters);
    expect(sorts(plan), plan.join('\n')).toBe(false);
    const all = { ...query, limit: 1_000 };
    const { items } = await fresh.store.listCredentials(all);
    const { text, parameters } = listQuery(resolved(all), walk);
    const [found] = await fresh.ask<{ n: number }>(
      `select count(*)::int as n from (${filledIn(text, parameters)}) q`,
    );
    expect(found?.n).toBe(items.length);
    expect(items.length).toBeGreaterThan(50);
  });

  it('has a store without that index where the extension is missing, and searches all the same', async () => {
    const search = { now: NOW, sort: 'name', limit: 50, search: 'nightly' } as const;
    const { items } = await fresh.store.listCredentials(search);
    await fresh.ask('drop index credential_by_text');
    expect((await fresh.store.listCredentials(search)).items).toEqual(items);
    expect(items.length).toBeGreaterThan(1);
    expect((await fresh.store.check(NOW)).filter(({ check }) => check === 'schema')).toEqual([]);
    // Other tests are given the same database.
    await fresh.ask(textIndexIn('public'));
  });

  it('finds a text in an index of three characters, where it is not in most of them', async () => {
    // Beside so few as there are, reading every row of a table costs no more than the index.
    await fresh.ask(
      `insert into credential (key, id, name, name_key, type, status, scopes, labels, created_at, created_by, updated_at, revision)
          select 10000 + n, 'more-' || n, 'more-' || n, 'more-' || n, type, status, '[]', '{}', created_at, created_by, updated_at, 1
            from credential, generate_series(1, 20000) as n where key = 1`,
    );
    await fresh.ask('vacuum analyze credential');
    const plan = await planFor({ now: NOW, sort: 'created', limit: 50, search: 'bot-42_' });
    expect(plan.join('\n')).toMatch(/Bitmap Index Scan on credential_by_text/);
    expect(
      plan.filter((line) => /Seq Scan on credential/.test(line)),
      plan.join('\n'),
    ).toEqual([]);
  });

  it.each([
    [
      'name, id or client id',
      'select * from credential c where c.name_key = ? or c.id = ? or c.client_id = ?',
    ],
    ['the hash of a version', `select * from version_hash h ${VERSION_OF_HASH} where h.version_id = ?`],
    ['a token', 'select * from access_token where id = ?'],
    ['the events of a target', 'select * from audit_event where target_key = ? order by seq desc limit 50'],
  ])('searches an index for %s', async (_what, sql) => {
    const plan = await planOf(sql, ['x', 'x', 'x']);
    expect(
      plan.filter((line) => line.includes('Seq Scan')),
      plan.join('\n'),
    ).toEqual([]);
  });
});
