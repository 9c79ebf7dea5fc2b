import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CredctlError } from '../../../src/domain/errors.js';
import type { Migrated } from '../../../src/domain/ports/migration-port.js';
import type { Store } from '../../../src/domain/ports/store-port.js';
import { openStore } from '../../../src/index.js';
import type { OpenOptions } from '../../../src/storage/engine.js';
import { openStoreAt } from '../../../src/storage/open.js';
import { SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { openImage } from '../../../src/storage/sqlite/file/image.js';
import { library } from '../../support/build/library.js';
import { forgetPlace } from '../../support/stores/forgotten-place.js';
import { makeOlderSchema, OLDER_SCHEMAS, type OlderSchemaNumber } from '../../support/stores/older-store.js';
import { newStorePlan, SQLITE, storeSystem } from '../../support/stores/stores.js';
import { existing, opened } from '../contract/opened.js';
import { failure } from '../fixtures.js';
import { type Filled, fill, shown } from '../schema/lived-in-store.js';

interface Older {
  readonly path: string;
  readonly filled: Filled;
  /** What it showed before it was made an older one. */
  readonly before: object;
}

async function older(schema: OlderSchemaNumber = 3): Promise<Older> {
  const fresh = await opened(SQLITE);
  const filled = await fill(fresh.store);
  const before = await shown(fresh.store, filled);
  const directory = join(dirname(fresh.path), 'older');
  mkdirSync(directory, { mode: 0o700 });
  const path = join(directory, 'credctl.db');
  makeOlderSchema(schema, path, fresh.path);
  chmodSync(path, 0o600);
  if (schema > 2) forgetPlace(path);
  return { path, filled, before };
}

interface Heard {
  readonly migrated: Migrated[];
  readonly left: CredctlError[];
}

async function open(path: string, options: Partial<OpenOptions> = {}) {
  const heard: Heard = { migrated: [], left: [] };
  const store = await openStoreAt(path, storeSystem(), {
    whenMissing: 'refuse',
    newStore: async () => newStorePlan(),
    onCreated: () => {},
    onMigrated: (migrated) => heard.migrated.push(migrated),
    onLeftOlder: (why) => heard.left.push(why),
    ...options,
  });
  onTestFinished(() => store.close());
  return { store, heard };
}

/** Another program's connection. */
function connected(path: string): Database.Database {
  const database = new Database(path, { timeout: 5_000 });
  onTestFinished(() => void database.close());
  return database;
}

const schemaOf = (path: string) => connected(path).pragma('user_version', { simple: true });
const namesBeside = (path: string) =>
  readdirSync(dirname(path)).filter((name) => !/^credctl\.db(?:-wal|-shm)?$/.test(name));
const rename = (store: Store) => store.write((tx) => tx.rightNameKeys('owner'));

describe.each(OLDER_SCHEMAS)('a file of schema %i', (schema) => {
  it.each(['refuse', 'read-as-empty', 'create-on-write'] as const)(
    'is migrated by whoever opens it first, after a backup: %s',
    async (whenMissing) => {
      const { path, filled, before } = await older(schema);
      const was = readFileSync(path);
      const { store, heard } = await open(path, { whenMissing });
      expect(await shown(store, filled)).toEqual(before);
      const [migrated] = heard.migrated;
      expect(heard).toMatchObject({ migrated: [{ from: schema, to: SCHEMA_NUMBER }], left: [] });
      expect(namesBeside(path)).toEqual([basename(existing(migrated?.backup))]);
      expect(existing(migrated?.backup)).toContain(`credctl.db.schema-${schema}-`);
      expect(was.readUInt32BE(60)).toBe(schema);
      expect(schemaOf(path)).toBe(SCHEMA_NUMBER);
      const [last] = (await store.listAudit({ limit: 1 })).items;
      expect(last?.event).toMatchObject({ action: 'store.migrate', actor: 'tester@here' });
      await rename(store);

      const again = await open(path, { whenMissing });
      expect(again.heard).toEqual({ migrated: [], left: [] });
    },
  );

  it('is shown from a copy in memory where it is a backup, and changed by nobody', async () => {
    const { path, filled, before } = await older(schema);
    const { heard } = await open(path);
    const backup = existing(heard.migrated[0]?.backup);
    const was = readFileSync(backup);
    const looked = await open(backup);
    expect(await shown(looked.store, filled)).toEqual(before);
    expect(await looked.store.statistics()).toMatchObject({ schema, location: backup });
    const refused = failure(
      'store_unavailable',
      new RegExp(`cannot be migrated from schema ${schema} to ${SCHEMA_NUMBER}: the file is a backup`),
      /credctl store restore .* --store NEW$/,
    );
    expect(looked.heard).toEqual({ migrated: [], left: [refused] });
    await expect(rename(looked.store)).rejects.toEqual(refused);
    await expect(open(backup, { whenMissing: 'create-on-write' })).rejects.toEqual(refused);
    expect(readFileSync(backup).equals(was)).toBe(true);
  });

  it('is left to others by whoever may not migrate it', async () => {
    const { path } = await older(schema);
    const was = readFileSync(path);
    await expect(open(path, { leavesOlder: true })).rejects.toThrow('made by an older credctl');
    expect(readFileSync(path).equals(was)).toBe(true);
    expect(namesBeside(path)).toEqual([]);
  });
});

describe('a file of an older schema', () => {
  it('is migrated while an older program reads it, with what is in its log', async () => {
    const { path } = await older();
    const other = connected(path);
    other.pragma('wal_autocheckpoint = 0');
    other.exec("update owner set status = 'inactive'");
    const [owners] = [other.prepare<[], { status: string }>('select distinct status from owner')];
    other.exec('begin');
    expect(owners.all()).toEqual([{ status: 'inactive' }]);
    const { store, heard } = await open(path);
    expect(heard.migrated).toHaveLength(1);
    expect(new Set((await store.listOwners()).map(({ status }) => status))).toEqual(new Set(['inactive']));
    await store.write((tx) =>
      tx.updateOwner(existing((ownersIn(other) as { id: string }[])[0]).id, { status: 'active' }),
    );
    // Its snapshot is that before the migration; the next one is that after it.
    expect(other.pragma('user_version', { simple: true })).toBe(3);
    other.exec('commit');
    expect(other.pragma('user_version', { simple: true })).toBe(SCHEMA_NUMBER);
    expect(
      owners
        .all()
        .map(({ status }) => status)
        .sort(),
    ).toEqual(['active', 'inactive']);
    expect((await store.check(Date.now())).filter(({ check }) => check === 'pages')).toEqual([]);
  });

  it('is migrated once an older program has ended its change', async () => {
    const { path } = await older();
    const other = connected(path);
    other.exec("begin immediate; update owner set status = 'inactive'");
    const opening = open(path);
    await pause(100);
    other.exec('commit');
    const { store, heard } = await opening;
    expect(heard.migrated).toHaveLength(1);
    expect(new Set((await store.listOwners()).map(({ status }) => status))).toEqual(new Set(['inactive']));
  });

  it('is shown from a copy in memory while its trail is altered, and not migrated', async () => {
    const { path, filled } = await older();
    connected(path).exec("update audit_event set actor = 'mallory' where seq = 2");
    const { store, heard } = await open(path);
    expect(heard).toMatchObject({ migrated: [], left: [{ code: 'integrity' }] });
    expect(await store.verifyAudit(null)).toEqual({ valid: false, firstBad: 2 });
    expect(await store.listOwners()).toHaveLength(filled.population.owners.length);
    await expect(rename(store)).rejects.toMatchObject({ code: 'integrity' });
    await expect(open(path, { whenMissing: 'create-on-write' })).rejects.toMatchObject({ code: 'integrity' });
    expect(schemaOf(path)).toBe(3);
    expect(namesBeside(path)).toEqual([]);
  });

  it('is migrated in memory with what is in its log, and nothing of it gets into a file', async () => {
    const { path } = await older();
    const other = connected(path);
    other.pragma('wal_autocheckpoint = 0');
    other.exec("update owner set status = 'inactive'");
    const copy = join(dirname(dirname(path)), 'copy.db');
    for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
    for (const end of ['', '-wal']) chmodSync(copy + end, 0o600);
    const was = readdirSync(dirname(copy));
    const store = existing(await openImage(copy, () => new Error('refused') as CredctlError));
    onTestFinished(() => store.close());
    expect(new Set((await store.listOwners()).map(({ status }) => status))).toEqual(new Set(['inactive']));
    await expect(rename(store)).rejects.toThrow('refused');
    expect(readdirSync(dirname(copy))).toEqual(was);
    expect(existsSync(`${copy}-shm`)).toBe(false);
  });

  it('is migrated by the library as well', async () => {
    const { path } = await older();
    const store = await openStore(path);
    onTestFinished(() => store.close());
    expect(await store.statistics()).toMatchObject({ schema: SCHEMA_NUMBER });
  });

  it('is migrated by a verifier before its first answer', async () => {
    const { path } = await older();
    const verifier = library.createVerifier(path);
    onTestFinished(() => verifier.close());
    expect(await verifier.verify('rubbish')).toEqual({ valid: false, reason: 'malformed' });
    expect(schemaOf(path)).toBe(SCHEMA_NUMBER);
    expect(namesBeside(path)).toHaveLength(1);
    const backup = library.createVerifier(join(dirname(path), existing(namesBeside(path)[0])));
    onTestFinished(() => backup.close());
    await expect(backup.verify('rubbish')).rejects.toThrow('the file is a backup');
  });
});

function ownersIn(database: Database.Database): readonly unknown[] {
  return database.prepare('select id from owner order by id').all();
}
