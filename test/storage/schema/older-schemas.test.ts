import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openBackup } from '../../../src/storage/backup/checked.js';
import { openStoreAt } from '../../../src/storage/open.js';
import { migratablePostgres } from '../../../src/storage/postgres/migrate.js';
import { SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { migratableSqlite } from '../../../src/storage/sqlite/migrate.js';
import { openSqliteStore } from '../../../src/storage/sqlite/store.js';
import { POSTGRES_ENGINES } from '../../support/postgres/stores.js';
import {
  becomeOlderSchema,
  makeOlderSchema,
  OLDER_SCHEMAS,
  type OlderSchemaNumber,
} from '../../support/stores/older-store.js';
import { newStorePlan, SQLITE, storeSystem } from '../../support/stores/stores.js';
import { added, existing, opened } from '../contract/opened.js';
import { NOW } from '../contract/population.js';
import { newVersionId } from '../fixtures.js';
import { fill, seen } from './lived-in-store.js';

const AUTHOR = { actor: 'tester@here', reason: 'update' };

/** A store of an older schema in a file, and what it held before it became one. */
async function inFile(schema: OlderSchemaNumber) {
  const fresh = await opened(SQLITE);
  const filled = await fill(fresh.store);
  const before = await seen(fresh.store, filled);
  const path = join(dirname(fresh.path), 'older.db');
  makeOlderSchema(schema, path, fresh.path);
  chmodSync(path, 0o600);
  return { path, filled, before };
}

const SURROUNDINGS = { watch: () => async () => {} };

describe.each(OLDER_SCHEMAS)('a store of schema %i', (schema) => {
  it('shows in a file all that it showed, and its trail goes on', async () => {
    const { path, filled, before } = await inFile(schema);
    expect(() => openSqliteStore(path)).toThrow(`made by an older credctl (schema ${schema}`);
    const migrated = await migratableSqlite(path, SURROUNDINGS).migrate(AUTHOR, NOW);
    expect(migrated).toMatchObject({ from: schema, to: SCHEMA_NUMBER });
    const store = existing(openSqliteStore(path));
    onTestFinished(() => store.close());
    expect(await seen(store, filled)).toEqual(before);
    const { items } = await store.listAudit({ limit: 1 });
    expect(items[0]?.event).toMatchObject({
      action: 'store.migrate',
      details: { from: schema, to: SCHEMA_NUMBER },
    });
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true });
    const { id } = await added(store, { name: 'next', description: 'about nightingales' });
    const found = await store.listCredentials({ now: NOW, sort: 'name', limit: 5, search: 'nightingale' });
    expect(found.items.map((credential) => credential.id)).toEqual([id]);
  });

  it('is what a backup of it comes back as', async () => {
    const { path, filled, before } = await inFile(schema);
    const backup = await openBackup(join(dirname(path), 'restored.db'), path, NOW, SURROUNDINGS);
    try {
      expect(await seen(backup.store, filled)).toEqual(before);
      expect(await backup.store.verifyAudit(null)).toMatchObject({ valid: true });
    } finally {
      await backup.discard();
    }
  });

  it('is refused in a file with rows that belong to nothing, and stays as it is', async () => {
    const { path } = await inFile(schema);
    const database = new Database(path);
    database.pragma('foreign_keys = off');
    database.exec('update version set credential_key = 999999 where number = 2');
    await expect(migratableSqlite(path, SURROUNDINGS).migrate(AUTHOR, NOW)).rejects.toThrow(
      'refer to rows that do not exist',
    );
    expect(database.pragma('user_version', { simple: true })).toBe(schema);
    expect(database.prepare('select count(*) as n from version where credential_key = 999999').get()).toEqual(
      { n: 1 },
    );
    database.close();
  });

  it.each(POSTGRES_ENGINES)(
    'shows in $label all that it showed, to those who were allowed to see it',
    async (engine) => {
      const fresh = await opened(engine, { prefix: 'acme' });
      const filled = await fill(fresh.store);
      const before = await seen(fresh.store, filled);
      await becomeOlderSchema(schema, (sql) => fresh.ask(sql));
      const roles = ['auditor', 'verifier'].map((role) => `${role}_${newVersionId()}`);
      const [auditor, verifier] = roles;
      for (const role of roles) await fresh.ask(`create role ${role}`);
      onTestFinished(async () => {
        for (const role of roles) await fresh.ask(`drop owned by ${role}; drop role ${role}`);
      });
      await fresh.ask(`grant select on credential, last_use, version, audit_event, tombstone to ${auditor}`);
      await fresh.ask(`grant select on credential, version, version_hash, access_token to ${verifier};
        grant select, insert, update on last_use to ${verifier};
        grant insert, delete on access_token to ${verifier}`);

      const migratable = await migratablePostgres(fresh.url);
      expect(await migratable.migrate(AUTHOR, NOW)).toMatchObject({ from: schema, to: SCHEMA_NUMBER });
      await migratable.close();
      const store = await openStoreAt(fresh.url, storeSystem(), {
        whenMissing: 'refuse',
        newStore: async () => newStorePlan(),
        onCreated: () => {},
      });
      onTestFinished(() => store.close());
      expect(await seen(store, filled)).toEqual(before);
      expect(await store.verifyAudit(null)).toMatchObject({ valid: true });
      const rights = await fresh.ask(
        `select table_name || ' ' || lower(string_agg(privilege_type, ', ' order by privilege_type)) as rights
          from information_schema.table_privileges where grantee = ? group by table_name order by 1`,
        existing(verifier),
      );
      expect(rights).toEqual(
        [
          'access_token select',
          'credential select',
          'last_use select',
          'leak select',
          'version select',
          'version_hash select',
        ].map((right) => ({ rights: right })),
      );
      const [may] = await fresh.ask<{ see: string }>(
        "select has_table_privilege(?, 'credctl.deleted_version', 'select')::text as see",
        existing(auditor),
      );
      expect(may).toEqual({ see: 'true' });
      const [closed] = await fresh.ask<{ sees: string }>(
        "select has_table_privilege(?, 'credctl.version_hash', 'select')::text as sees",
        existing(auditor),
      );
      expect(closed).toEqual({ sees: 'false' });
    },
  );
});

describe('the policies of hashes are known since schema 4, and otherwise found', () => {
  it.each(OLDER_SCHEMAS.filter((schema) => schema < 4))('in a file of schema %i', async (schema) => {
    const { path } = await inFile(schema);
    const database = new Database(path);
    database.exec(`update version_hash set hash = '$sha256$' || hex(version_id);
      update version_hash set hash = '$2b$09$abc' where version_id = (select min(version_id) from version_hash);
      update version_hash set hash = 'nonsense' where version_id = (select max(version_id) from version_hash)`);
    database.close();
    await migratableSqlite(path, SURROUNDINGS).migrate(AUTHOR, NOW);
    const store = existing(openSqliteStore(path));
    onTestFinished(() => store.close());
    const { hashPolicy, earlierPolicies } = await store.settings();
    expect([hashPolicy, earlierPolicies]).toEqual([{ scheme: 'sha256' }, [{ scheme: 'bcrypt', cost: 9 }]]);
  });
});
