import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServingStore } from '../../../src/domain/ports/serving-port.js';
import type { AccessToken } from '../../../src/domain/ports/store-port.js';
import { asPresent } from '../../../src/storage/postgres/earlier/as-present.js';
import { migratablePostgres } from '../../../src/storage/postgres/migrate.js';
import { EARLIER, EARLIER_SCHEMA } from '../../../src/storage/schema/earlier.js';
import { SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { openPostgresServingStore } from '../../../src/storage/serving/postgres/store.js';
import { POSTGRES_ENGINES, type PostgresEngine } from '../../support/postgres/stores.js';
import { becomeOlderSchema, grantOfThird } from '../../support/stores/older-store.js';
import { added, existing, opened } from '../contract/opened.js';
import { openAt } from '../files.js';
import { failure, newVersionId } from '../fixtures.js';
import { fill, shown } from './lived-in-store.js';

const MIGRATE = failure(
  'store_unavailable',
  new RegExp(`made by an older credctl \\(schema ${EARLIER_SCHEMA}; this one needs ${SCHEMA_NUMBER}\\)`),
  /run: credctl store migrate$/,
);

const COLUMNS = `select table_name::text as "table", column_name::text as name,
    (case when data_type = 'USER-DEFINED' then udt_name else data_type end)::text as type
  from information_schema.columns where table_schema = 'credctl' order by 1, ordinal_position`;

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
}

/** The types of the columns, by table and name. */
function tablesOf(columns: readonly Column[]): Record<string, Record<string, string>> {
  const tables: Record<string, Record<string, string>> = {};
  for (const { table, name, type } of columns) tables[table] = { ...tables[table], [name]: type };
  return tables;
}

/** A store of the present schema that others may use, and what makes it one of the earlier schema. */
async function fresh(engine: PostgresEngine) {
  const store = await opened(engine, { prefix: 'acme' });
  const ask = (sql: string) => store.ask(sql);
  return { ...store, ask: store.ask, becomeEarlier: () => becomeOlderSchema(3, ask) };
}

async function migrate(url: string): Promise<void> {
  const migratable = await migratablePostgres(url);
  await migratable
    .migrate({ actor: 'tester@here', reason: null }, Date.now())
    .finally(() => migratable.close());
}

/** The URL of a login with the rights that a server had in schema 3. */
async function verifierOf(url: string, ask: (sql: string) => Promise<unknown>): Promise<string> {
  const role = `verifier_${randomBytes(6).toString('hex')}`;
  await ask(`create role ${role} login password '${role}'`);
  await grantOfThird('verifier', role, ask);
  onTestFinished(async () => void (await ask(`drop owned by ${role}; drop role ${role}`)));
  return Object.assign(new URL(url), { username: role, password: role }).href;
}

async function serving(url: string): Promise<ServingStore> {
  const store = await openPostgresServingStore(url);
  onTestFinished(() => store.close());
  return store;
}

describe.each(POSTGRES_ENGINES)('the schema before this one in $label', (engine) => {
  it('lacks what is written down of it, and nothing else', async () => {
    const { ask, becomeEarlier } = await fresh(engine);
    const present = tablesOf(await ask<Column>(COLUMNS));
    await becomeEarlier();
    const earlier = tablesOf(await ask<Column>(COLUMNS));
    const described = { ...earlier, ...EARLIER.lacks };
    for (const [table, { has, lacks }] of Object.entries(EARLIER.narrower)) {
      expect(Object.keys(existing(earlier[table]))).toEqual(has);
      described[table] = { ...earlier[table], ...lacks };
    }
    expect(described).toEqual(present);
    const [functions] = await ask<{ n: number }>(
      "select count(*)::int as n from pg_proc where pronamespace = 'credctl'::regnamespace",
    );
    expect(EARLIER.hasFunctions).toBe(existing(functions).n > 0);
  });

  it('answers a query for the present one, with null for what it lacks', async () => {
    const { ask, becomeEarlier } = await fresh(engine);
    await becomeEarlier();
    const answers = async (sql: string) => ask(asPresent(sql));
    expect(await answers('select s.prefix, s.earlier_hashes from store s where s.id = 1')).toEqual([
      { prefix: 'acme', earlier_hashes: null },
    ]);
    expect(
      await answers(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 2)
        select n.i, (select max(credential_key) from leftover) as key from n order by 1`),
    ).toEqual([
      { i: 1, key: null },
      { i: 2, key: null },
    ]);
    expect(await answers('select api from api_lifetime')).toEqual([]);
    expect(asPresent('select 1 from audit_head')).toBe('select 1 from audit_head');
    expect(asPresent('update store set place = null')).toBe('update store set place = null');
  });

  it('is read by whoever only looks; changes and checks name the migration', async () => {
    const { url, store: before, becomeEarlier } = await fresh(engine);
    const filled = await fill(before);
    const expected = await shown(before, filled);
    await becomeEarlier();
    const store = await openAt(url, { whenMissing: 'refuse' });
    expect(await shown(store, filled)).toEqual(expected);
    expect(await store.statistics()).toMatchObject({ schema: EARLIER_SCHEMA, credentials: 61 });
    expect(await store.placing()).toEqual({ kind: 'same' });
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true });
    let events = 0;
    for await (const batch of store.exportAudit()) events += batch.length;
    expect(events).toBeGreaterThan(60);
    await expect(store.write(async (tx) => tx.settings())).rejects.toEqual(MIGRATE);
    await expect(store.check(Date.now())).rejects.toEqual(MIGRATE);
    await expect(openAt(url)).rejects.toEqual(MIGRATE);

    await migrate(url);
    expect(await shown(store, filled)).toEqual(expected);
    await added(store, { name: 'after' });
    expect(await store.statistics()).toMatchObject({ schema: SCHEMA_NUMBER, credentials: 62 });
  });

  it.each(['its owner', 'a verifier'])(
    'is served by %s as before, and goes on once it is migrated',
    async (who) => {
      const { url, ask, store, becomeEarlier } = await fresh(engine);
      const client = await added(
        store,
        { type: 'oauth2', clientId: 'acme_id_0123456789ABCDEF', name: 'crm' },
        [{}, {}],
      );
      await becomeEarlier();
      const server = await serving(who === 'a verifier' ? await verifierOf(url, ask) : url);
      const used = (n: number) => existing(client.versions.find(({ number }) => number === n)).id;
      const at = Date.now();

      await server.probe();
      expect((await server.metadata()).settings).toMatchObject({ prefix: 'acme', earlierPolicies: [] });
      const token = tokenFor(client.id, used(1), at);
      expect(await server.insertToken(token)).toBe(true);
      expect(await server.insertToken({ ...token, versionId: newVersionId(), id: newVersionId() })).toBe(
        false,
      );
      const { lookup } = server;
      expect(await lookup?.('token', token.id)).toMatchObject({
        token,
        version: { hash: expect.any(String) },
      });

      await server.recordUses([
        { versionId: used(1), first: at - 5, last: at, from: '192.0.2.1' },
        { versionId: used(2), first: at - 9, last: at - 9, from: null },
      ]);
      await server.write((tx) => tx.recordUse(used(2), at + 7, '192.0.2.2'));
      await server.write(async (tx) => expect(await tx.overdueVersions(at)).toEqual([]));
      expect(await usesOf(ask)).toEqual([
        { number: 0, first_used_at: null, last_used_at: at + 7, last_used_from: '192.0.2.2' },
        { number: 1, first_used_at: at - 5, last_used_at: at, last_used_from: '192.0.2.1' },
        { number: 2, first_used_at: at - 9, last_used_at: at + 7, last_used_from: '192.0.2.2' },
      ]);

      const over = { ...tokenFor(client.id, used(1), 1), expiresAt: 2 };
      expect(await server.insertToken(over)).toBe(true);
      expect(await server.purgeTokens(at)).toBe(false);
      expect((await lookup?.('token', over.id))?.token).toBeNull();
      await server.deleteToken(token.id, client.id);
      expect((await lookup?.('token', token.id))?.token).toBeNull();

      await migrate(url);
      const later = tokenFor(client.id, used(1), at, ['data:users']);
      await ask(`update credential set scopes = '["data:users"]'`);
      expect(await server.insertToken(later)).toBe(true);
      expect((await lookup?.('token', later.id))?.token).toMatchObject({ id: later.id });
      await server.recordUses([{ versionId: used(1), first: at + 9, last: at + 9, from: null }]);
      await server.write((tx) => tx.recordUse(used(2), at + 10, null));
      await server.probe();
    },
  );

  it('but not the one before that', async () => {
    const { url, ask } = await fresh(engine);
    await becomeOlderSchema(2, ask);
    const older = failure('store_unavailable', /\(schema 2; /, /run: credctl store migrate$/);
    await expect(openAt(url, { whenMissing: 'refuse' })).rejects.toEqual(older);
    await expect(openPostgresServingStore(url)).rejects.toEqual(older);
  });
});

function tokenFor(
  credentialId: string,
  versionId: string,
  issuedAt: number,
  scopes = ['data:users'],
): AccessToken {
  const id = newVersionId();
  return {
    id,
    credentialId,
    versionId,
    digest: 'd'.repeat(64),
    scopes,
    issuedAt,
    expiresAt: issuedAt + 60_000,
  };
}

const usesOf = (ask: (sql: string) => Promise<unknown>) =>
  ask('select number, first_used_at, last_used_at, last_used_from from last_use order by number');
