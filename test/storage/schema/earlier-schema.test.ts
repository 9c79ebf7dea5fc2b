import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FoundLeak } from '../../../src/domain/leak/leak.js';
import type { ServingStore } from '../../../src/domain/ports/serving-port.js';
import type { AccessToken } from '../../../src/domain/ports/store-port.js';
import { asPresent } from '../../../src/storage/postgres/earlier/as-present.js';
import {
  digestOf,
  FORMER_DIGESTS,
  SCHEMA_FUNCTIONS,
} from '../../../src/storage/postgres/functions/functions.js';
import { migratablePostgres } from '../../../src/storage/postgres/migrate.js';
import { EARLIER, EARLIER_SCHEMA } from '../../../src/storage/schema/earlier.js';
import { SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { openPostgresServingStore } from '../../../src/storage/serving/postgres/store.js';
import { POSTGRES_ENGINES, type PostgresEngine } from '../../support/postgres/stores.js';
import { becomeOlderSchema, FUNCTIONS_OF_FOURTH, grantOfOlder } from '../../support/stores/older-store.js';
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
  return { ...store, ask: store.ask, becomeEarlier: () => becomeOlderSchema(4, ask) };
}

async function migrate(url: string): Promise<void> {
  const migratable = await migratablePostgres(url);
  await migratable
    .migrate({ actor: 'tester@here', reason: null }, Date.now())
    .finally(() => migratable.close());
}

/** The URL of a login with the rights that a server had in schema 4. */
async function verifierOf(url: string, ask: (sql: string) => Promise<unknown>): Promise<string> {
  const role = `verifier_${randomBytes(6).toString('hex')}`;
  await ask(`create role ${role} login password '${role}'`);
  await grantOfOlder(4, 'verifier', role, ask);
  onTestFinished(async () => void (await ask(`drop owned by ${role}; drop role ${role}`)));
  return Object.assign(new URL(url), { username: role, password: role }).href;
}

async function serving(url: string): Promise<ServingStore> {
  const store = await openPostgresServingStore(url);
  onTestFinished(() => store.close());
  return store;
}

it('has functions that a database of it may still have', () => {
  const known = [...SCHEMA_FUNCTIONS.map(digestOf), ...FORMER_DIGESTS];
  expect(known).toEqual(expect.arrayContaining(FUNCTIONS_OF_FOURTH.map(digestOf)));
});

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
    const functions = await ask<{ name: string }>(
      "select proname::text as name from pg_proc where pronamespace = 'credctl'::regnamespace",
    );
    const has = [...functions.map(({ name }) => name), ...EARLIER.lacksFunctions];
    expect(has.sort()).toEqual(SCHEMA_FUNCTIONS.map(({ name }) => name).sort());
  });

  it('answers a query for the present one, with null for what it lacks', async () => {
    const { ask, becomeEarlier } = await fresh(engine);
    await becomeEarlier();
    const answers = async (sql: string) => ask(asPresent(sql));
    await ask(`insert into owner (id, name, name_key, kind, status, created_at, created_by, updated_at)
      values ('1', 'o', 'o', 'user', 'active', 0, 'x', 0);
      insert into credential (key, id, name, name_key, type, status, scopes, labels, created_at, created_by, updated_at, revision)
      values (1, '1', 'bot', 'bot', 'api-key', 'active', '[]', '{}', 0, 'x', 0, 1)`);
    expect(await answers('select c.name, c.canary from credential c where c.key = 1')).toEqual([
      { name: 'bot', canary: null },
    ]);
    expect(
      await answers(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 2)
        select n.i, (select max(id) from leak) as key from n order by 1`),
    ).toEqual([
      { i: 1, key: null },
      { i: 2, key: null },
    ]);
    expect(await answers('select handle from leak')).toEqual([]);
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
      const leak = aLeak(used(1));
      await expect(server.write((tx) => tx.recordLeaks([leak], at))).rejects.toEqual(MIGRATE);
      expect(await usesOf(ask)).toEqual([
        { number: 0, first_used_at: null, last_used_at: at + 7, last_used_from: '192.0.2.2' },
        { number: 1, first_used_at: at - 5, last_used_at: at, last_used_from: '192.0.2.1' },
        { number: 2, first_used_at: at - 9, last_used_at: at + 7, last_used_from: '192.0.2.2' },
      ]);

      const over = { ...tokenFor(client.id, used(1), 1), expiresAt: 2 };
      expect(await server.insertToken(over)).toBe(false);
      await ask(`insert into access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
        values ('${over.id}', '${client.id}', '${over.versionId}', '${over.digest}', '[]', 1, 2)`);
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
      await server.write((tx) => tx.recordLeaks([leak], at));
      expect(await server.write((tx) => tx.countOpenLeaks())).toBe(1);
      await server.probe();
    },
  );

  it('but not the one before that', async () => {
    const { url, ask } = await fresh(engine);
    await becomeOlderSchema(3, ask);
    const older = failure('store_unavailable', /\(schema 3; /, /run: credctl store migrate$/);
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

const aLeak = (versionId: string): FoundLeak => ({
  handle: `acme_sec_${versionId}`,
  kind: 'sec',
  credentialId: null,
  version: null,
  source: 'scan',
  place: 'a.ts:1:1',
});

const usesOf = (ask: (sql: string) => Promise<unknown>) =>
  ask('select number, first_used_at, last_used_at, last_used_from from last_use order by number');
