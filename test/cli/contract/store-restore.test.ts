import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSession, type Session } from '../../support/run.js';
import { credential } from './shapes.js';
import '../../support/patience.js';

const list = z.object({ credentials: z.array(credential) });
const names = z.array(z.string());
const DOCUMENT = z.strictObject({
  schema_version: z.literal(1),
  restored: z.strictObject({
    file: z.string(),
    location: z.string(),
    store_id: z.string(),
    new_id: z.boolean(),
    credentials: z.int(),
    kept_as: z.string().nullable(),
    known_from: z.enum(['present-store', 'damaged-store', 'nothing']),
    still_deleted: names,
    removed: names,
    withheld: z.array(z.strictObject({ name: z.string(), what: names })),
    deactivated: names,
    without_secret: names,
    audit_continued: z.boolean(),
    catalog_kept: z.boolean(),
  }),
});

const RESTORE = ['store', 'restore', 'b.db', '--force', '--yes'] as const;

/** `valid`, or why the secret is refused. */
async function verdict(session: Session, secret: string, store?: string): Promise<string> {
  const flags = store === undefined ? [] : ['--store', store];
  const { stdout } = await session.run(['verify', '--json', ...flags], { stdin: secret });
  const { valid, reason } = z
    .object({ valid: z.boolean(), reason: z.string().optional() })
    .parse(JSON.parse(stdout));
  return valid ? 'valid' : (reason ?? '');
}

/** Changes the default store by hand. */
function tamper(session: Session, sql: string, path = session.workspace.defaultStore): void {
  const database = new Database(path);
  database.pragma('foreign_keys = off');
  database.exec(sql);
  database.close();
}

async function sound(session: Session): Promise<void> {
  expect((await session.run(['store', 'check', '--json'])).exitCode).toBe(0);
  expect((await session.run(['audit', 'verify'])).exitCode).toBe(0);
}

describe('store restore, into a sound store', () => {
  it('brings properties back, and revives nothing that was taken away', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.ok('owner', 'create', 'left', '--kind', 'service');
    const secrets: Record<string, string> = {};
    for (const name of ['same', 'deleted', 'rotated', 'stopped', 'leaked'])
      secrets[name] = await session.issue(name);
    secrets['narrowed'] = await session.issue('narrowed', '--scope', 'events:messages');
    secrets['owned'] = await session.issue('owned', '--owner', 'crm');
    secrets['orphan'] = await session.issue('orphan', '--owner', 'left');
    secrets['expiring'] = await session.issue('expiring');
    await session.ok('store', 'backup', 'b.db');
    await session.ok('edit', 'same', '--name', 'renamed', '--description', 'new', '--label', 'new=1');
    await session.ok('delete', 'deleted', '--yes');
    const next = (await session.ok('rotate', 'rotated', '--grace', '0', '-q')).trim();
    const safe = (await session.ok('rotate', 'leaked', '--now', '-q')).trim();
    await session.ok('deactivate', 'stopped');
    await session.ok('edit', 'narrowed', '--remove-scope', 'data:users');
    await session.ok('owner', 'deactivate', 'crm');
    await session.ok('owner', 'delete', 'left', '--yes');
    await session.ok('edit', 'expiring', '--expires-in', '1h');
    const created = await session.issue('created-since');
    const head = /head: (\w+)/.exec(await session.ok('audit', 'verify'))?.[1] ?? '';

    const { restored } = await session.json(DOCUMENT, ...RESTORE);
    expect(restored).toMatchObject({
      known_from: 'present-store',
      new_id: false,
      credentials: 8,
      still_deleted: ['deleted'],
      removed: ['created-since'],
      deactivated: [],
      without_secret: [],
      audit_continued: true,
      catalog_kept: false,
    });
    expect(restored.withheld).toEqual([
      { name: 'expiring', what: ['expiry'] },
      { name: 'narrowed', what: ['scopes'] },
      { name: 'orphan', what: ['status', 'owner'] },
      { name: 'stopped', what: ['status'] },
    ]);
    const { credentials } = await session.json(list, 'list');
    const same = credentials.find(({ name }) => name === 'same');
    expect(same).toMatchObject({ description: null, labels: {}, revision: 3 });
    const verdicts: Record<string, string> = {};
    for (const [name, secret] of Object.entries({ ...secrets, next, safe, created })) {
      verdicts[name] = await verdict(session, secret);
    }
    expect(verdicts).toEqual({
      same: 'valid',
      deleted: 'unknown',
      rotated: 'version_retired',
      stopped: 'inactive',
      leaked: 'version_retired',
      narrowed: 'valid',
      owned: 'owner_inactive',
      orphan: 'inactive',
      expiring: 'valid',
      // Secrets never go back in time: whoever has switched goes on working.
      next: 'valid',
      safe: 'valid',
      created: 'unknown',
    });
    expect(credentials.find(({ name }) => name === 'narrowed')?.scopes).toEqual(['events:messages']);
    expect(credentials.find(({ name }) => name === 'expiring')?.expires_at).not.toBeNull();
    // A head that somebody noted between backup and restore is still part of the trail.
    expect((await session.run(['audit', 'verify', '--head', head])).exitCode).toBe(0);
    await sound(session);
  });

  it('is recorded, keeps what it replaces, and lets running processes notice', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const generation = () => {
      const database = new Database(session.workspace.defaultStore, { readonly: true });
      const value = database.prepare<[], { value: number }>('select value from generation').get()?.value ?? 0;
      database.close();
      return value;
    };
    const before = generation();
    const inode = statSync(session.workspace.defaultStore).ino;
    const { restored } = await session.json(DOCUMENT, ...RESTORE, '--reason', 'drill');
    expect(generation()).toBeGreaterThan(before);
    expect(statSync(session.workspace.defaultStore).ino).toBe(inode);
    expect((statSync(restored.kept_as ?? '').mode & 0o7777).toString(8)).toBe('600');
    expect(await verdict(session, secret, restored.kept_as ?? '')).toBe('valid');
    expect(await session.ok('audit', '--action', 'store.restore')).toContain('\tdrill');
    const files = readdirSync(dirname(session.workspace.defaultStore));
    expect(files.every((name) => name.startsWith('credctl.db'))).toBe(true);
    await sound(session);
  });

  it('gives names back that were exchanged, and can be done again and again', async () => {
    const session = await openSession();
    const one = await session.issue('one');
    await session.issue('two');
    await session.ok('store', 'backup', 'b.db');
    for (const [from, to] of [
      ['one', 'three'],
      ['two', 'one'],
      ['three', 'two'],
    ] as const) {
      await session.ok('edit', from, '--name', to);
    }
    for (const _ of [1, 2]) {
      await session.json(DOCUMENT, ...RESTORE);
      expect(await verdict(session, one)).toBe('valid');
      const { stdout } = await session.run(['verify'], { stdin: one });
      expect(stdout).toMatch(/^valid: one,/);
      await sound(session);
    }
  });

  it('does not take a copy beside it that others can read for damage', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const first = await session.json(DOCUMENT, ...RESTORE);
    chmodSync(first.restored.kept_as ?? '', 0o644);
    expect((await session.run(['store', 'check'])).exitCode).toBe(9);
    const second = await session.json(DOCUMENT, ...RESTORE);
    expect(second.restored.known_from).toBe('present-store');
    expect(await verdict(session, secret)).toBe('valid');
  });

  it('keeps the catalog of today, and says so', async () => {
    const session = await openSession();
    await session.ok('store', 'init');
    await session.ok('store', 'backup', 'b.db');
    await session.ok('catalog', 'use', 'mparticle', '--yes');
    const { restored } = await session.json(DOCUMENT, ...RESTORE);
    expect(restored.catalog_kept).toBe(true);
    expect(await session.ok('catalog', 'show')).toContain('mparticle');
  });

  it('asks for --force, then for the name to be typed, and changes nothing before', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    await session.ok('edit', 'ci-bot', '--description', 'new');
    await session.refused(5, ['store', 'restore', 'b.db']);
    await session.refused(5, ['store', 'restore', 'b.db', '--yes']);
    const { exitCode, stderr } = await session.run(['store', 'restore', 'b.db', '--force']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('add --yes to go ahead');
    expect((await session.json(list, 'list')).credentials[0]?.description).toBe('new');
    expect(readdirSync(dirname(session.workspace.defaultStore))).toEqual(['credctl.db']);
  });

  it('refuses a backup of another store, and one whose history is not the store’s', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'init', '--store', 'other.db');
    await session.ok('store', 'backup', 'b.db', '--store', 'other.db');
    await session.refused(5, [...RESTORE]);
    await session.ok('store', 'backup', 'fork.db', '--force');
    await session.ok('edit', 'ci-bot', '--description', 'in a fork', '--store', 'fork.db');
    reseal(session.workspace.path('fork.db'));
    const { hint } = await session.refused(9, ['store', 'restore', 'fork.db', '--force', '--yes']);
    expect(hint).toContain('move the store away first');
    await sound(session);
  });
});

describe('store restore, where there is no store', () => {
  async function lost(): Promise<{ session: Session; secret: string }> {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    return { session, secret };
  }

  it('brings everything back inactive, and says what could not be known', async () => {
    const { session, secret } = await lost();
    rmSync(session.workspace.defaultStore);
    const { stderr } = await session.run(['store', 'restore', 'b.db']);
    expect(stderr).toContain('what was deleted, revoked or narrowed since the backup could not be known\n');
    expect(stderr).toContain(
      "inactive for that reason; look at each, then 'credctl activate NAME': ci-bot\n",
    );
    expect(await verdict(session, secret)).toBe('inactive');
    await session.ok('activate', 'ci-bot');
    expect(await verdict(session, secret)).toBe('valid');
    await sound(session);
  });

  it('leaves it active with --trust, and keeps the id at the place of the original', async () => {
    const { session, secret } = await lost();
    rmSync(session.workspace.defaultStore);
    const { restored } = await session.json(DOCUMENT, 'store', 'restore', 'b.db', '--trust');
    expect(restored).toMatchObject({ new_id: false, kept_as: null, known_from: 'nothing', deactivated: [] });
    expect(await verdict(session, secret)).toBe('valid');
    const { mode } = statSync(session.workspace.defaultStore);
    expect((mode & 0o7777).toString(8)).toBe('600');
    await sound(session);
  });

  it('gives a copy at another place an id of its own', async () => {
    const { session } = await lost();
    const { restored } = await session.json(
      DOCUMENT,
      'store',
      'restore',
      'b.db',
      '--store',
      'deep/down/copy.db',
    );
    expect(restored.new_id).toBe(true);
    expect(await session.ok('store', 'info', '--store', 'deep/down/copy.db')).toContain(restored.store_id);
    expect((await session.run(['store', 'check', '--store', 'deep/down/copy.db'])).exitCode).toBe(0);
  });

  it('leaves no access token alive, and never replays a log that was left behind', async () => {
    const { session, secret } = await lost();
    const store = session.workspace.defaultStore;
    tamper(
      session,
      `insert into access_token select 'tokenid', c.id, v.id, 'x', '["data:users"]', 1, 9999999999999
        from version v join credential c on c.key = v.credential_key`,
    );
    await session.ok('store', 'backup', 'tokens.db');
    // A log of another database, as a crash and a hasty 'rm' leave it.
    const writer = new Database(store);
    writer.pragma('wal_autocheckpoint = 0');
    writer.exec("update credential set status = 'inactive'");
    copyFileSync(`${store}-wal`, session.workspace.path('stray-wal'));
    writer.close();
    rmSync(store);
    copyFileSync(session.workspace.path('stray-wal'), `${store}-wal`);
    chmodSync(`${store}-wal`, 0o600);
    const { restored } = await session.json(DOCUMENT, 'store', 'restore', 'tokens.db', '--trust');
    expect(restored.kept_as).toMatch(/\.replaced-.*-wal$/);
    const database = new Database(store, { readonly: true });
    expect(database.prepare('select count(*) as n from access_token').get()).toEqual({ n: 0 });
    database.close();
    expect(await verdict(session, secret)).toBe('valid');
  });
});

describe('store restore, over a damaged store', () => {
  async function damaged(sql: string): Promise<{ session: Session; secrets: Record<string, string> }> {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    const secrets: Record<string, string> = {};
    for (const name of ['kept', 'deleted', 'rotated', 'stopped']) secrets[name] = await session.issue(name);
    secrets['owned'] = await session.issue('owned', '--owner', 'crm');
    await session.ok('store', 'backup', 'b.db');
    await session.ok('delete', 'deleted', '--yes');
    await session.ok('rotate', 'rotated', '--now');
    await session.ok('deactivate', 'stopped');
    await session.ok('owner', 'deactivate', 'crm');
    tamper(session, sql);
    return { session, secrets };
  }

  it.each([
    ['an altered audit trail', "update audit_event set actor = 'mallory' where seq = 3", false],
    ['a tombstone lost, and a hash', 'delete from tombstone; delete from version_hash', true],
    ['a table lost', 'drop table credential_label', true],
  ])('%s: what can be read still takes away, even with --trust', async (_what, sql, hasTrail) => {
    const { session, secrets } = await damaged(sql);
    const { restored } = await session.json(DOCUMENT, ...RESTORE, '--trust');
    expect(restored).toMatchObject({
      known_from: 'damaged-store',
      audit_continued: hasTrail,
      deactivated: [],
    });
    expect(restored.still_deleted).toEqual(['deleted']);
    expect(restored.without_secret).toEqual(['rotated']);
    const verdicts = [];
    for (const name of ['kept', 'deleted', 'rotated', 'stopped', 'owned']) {
      verdicts.push(await verdict(session, secrets[name] ?? ''));
    }
    expect(verdicts).toEqual(['valid', 'unknown', 'version_retired', 'inactive', 'owner_inactive']);
    expect(existsSync(restored.kept_as ?? '')).toBe(true);
    await sound(session);
  });

  it('brings everything back inactive without --trust', async () => {
    const { session, secrets } = await damaged('delete from audit_head');
    const { restored } = await session.json(DOCUMENT, ...RESTORE);
    expect(restored.deactivated).toEqual(['kept', 'owned', 'rotated']);
    expect(await verdict(session, secrets['kept'] ?? '')).toBe('inactive');
    await sound(session);
  });

  it('goes by nothing but the backup where nothing can be read', async () => {
    const { session } = await damaged('select 1');
    const store = session.workspace.defaultStore;
    for (const script of [
      `: > '${store}'`,
      `dd if=/dev/zero of='${store}' bs=64 count=1 conv=notrunc 2>&1`,
    ]) {
      await session.sh(script);
      const { restored } = await session.json(DOCUMENT, ...RESTORE);
      expect(restored.known_from).toBe('damaged-store');
      await sound(session);
    }
  });
});

/** Gives a backup that was changed the digest of what it has become, as whoever can write to it can. */
function reseal(file: string): void {
  if (!existsSync(file) || lstatSync(file).isSymbolicLink()) return;
  const pages = pagesOf(file);
  const digest = createHash('sha256').update(pages).digest('hex');
  writeFileSync(file, Buffer.concat([pages, Buffer.from(`\ncredctl-backup sha256 ${digest}\n`)]));
}

/** What follows the pages gives way to further ones. */
function lengthen(file: string): void {
  const database = new Database(file);
  database.exec("update catalog set document = document || printf('%20000s', ' ')");
  database.close();
}

/** A backup without what follows the pages that its header counts. */
function pagesOf(file: string): Buffer {
  const bytes = readFileSync(file);
  return bytes.subarray(0, bytes.readUInt16BE(16) * bytes.readUInt32BE(28));
}

/** Makes the function of an index one that does not exist, as one bit on a failing disk would. */
function spoilIndex(file: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf('coalesce(', bytes.indexOf('credential_by_expiry'));
  expect(at).toBeGreaterThan(0);
  bytes.write('coalgsce(', at);
  writeFileSync(file, bytes);
}

describe('store restore checks the backup before anything is touched', () => {
  const SPOILED: readonly (readonly [string, number, (session: Session, file: string) => void])[] = [
    ['is not there', 3, (_, file) => rmSync(file)],
    ['others can read', 4, (_, file) => chmodSync(file, 0o644)],
    [
      'is a link',
      8,
      (_, file) => {
        renameSync(file, `${file}.real`);
        symlinkSync(`${file}.real`, file);
      },
    ],
    [
      'is a database of another program',
      8,
      (s, file) => {
        rmSync(file);
        tamper(s, 'create table notes (text)', file);
        chmodSync(file, 0o600);
      },
    ],
    ['is of a newer program', 8, (s, file) => tamper(s, 'pragma user_version = 99', file)],
    [
      'has an altered audit trail',
      9,
      (s, file) => tamper(s, "update audit_event set actor = 'x' where seq = 1", file),
    ],
    [
      'has a version that was never issued',
      9,
      (s, file) =>
        tamper(
          s,
          `insert into version select credential_key, 2, 'planted00000', created_at, delivered_at, null, null, null, null, null, null, destinations, null from version;
           insert into version_hash values ('planted00000', 1, 2, '$sha256$${'0'.repeat(64)}')`,
          file,
        ),
    ],
    ['has an index that one flipped bit has spoiled', 9, (_, file) => spoilIndex(file)],
    [
      'has a trigger',
      9,
      (s, file) => tamper(s, 'create trigger t after insert on version begin select 1; end', file),
    ],
  ];

  it.each(SPOILED)('that %s', async (_what, exitCode, spoil) => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const before = await session.ok('audit', 'verify');
    spoil(session, session.workspace.path('b.db'));
    reseal(session.workspace.path('b.db'));
    await session.refused(exitCode, [...RESTORE]);
    await session.refused(exitCode, ['store', 'restore', 'b.db', '--store', 'elsewhere.db']);
    expect(await session.ok('audit', 'verify')).toBe(before);
    expect(readdirSync(dirname(session.workspace.defaultStore))).toEqual(['credctl.db']);
    expect(readdirSync(session.workspace.directory).filter((name) => name.includes('elsewhere'))).toEqual([]);
  });

  it.each([
    ['empty', 8, (file: string) => truncateSync(file, 0)],
    ['a text', 8, (file: string) => writeFileSync(file, 'notes')],
    ['cut off in its header', 8, (file: string) => truncateSync(file, 50)],
    ['cut off', 9, (file: string) => truncateSync(file, 20_000)],
    ['without its header', 9, (file: string) => writeFileSync(file, readFileSync(file).fill(0, 0, 100))],
    ['without a page', 9, (file: string) => writeFileSync(file, readFileSync(file).fill(0, 8_192, 12_288))],
  ])('and where it is %s, says to use another', async (_what, exitCode, spoil) => {
    const session = await openSession();
    await session.ok('store', 'init');
    await session.ok('store', 'backup', 'b.db');
    spoil(session.workspace.path('b.db'));
    const { message, hint } = await session.refused(exitCode, [...RESTORE]);
    expect(message).toContain(session.workspace.path('b.db'));
    expect(hint).toMatch(/^use another backup/);
  });

  it.each([
    ['a hash', "update version_hash set hash = replace(hash, '1', '2')"],
    ['a time', 'update version set created_at = created_at + 1'],
    [
      'a title in the catalog',
      "update catalog set document = replace(document, 'Conversations', 'Conversationz')",
    ],
  ])('and compares it with its digest: %s that was altered is refused', async (_what, sql) => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const file = session.workspace.path('b.db');
    tamper(session, sql, file);
    const { message, hint } = await session.refused(9, [...RESTORE]);
    expect(message).toMatch(/it is damaged, or was changed since it was made$/);
    expect(hint).toBe('use another backup');
    // No other check sees it: whoever writes the digest as well is believed.
    reseal(file);
    await session.json(DOCUMENT, ...RESTORE);
  });

  it('and notices any byte that was changed, be it used or not', async () => {
    const session = await openSession();
    await session.ok('store', 'init');
    await session.ok('store', 'backup', 'b.db');
    const file = session.workspace.path('b.db');
    const whole = readFileSync(file);
    for (const at of [30, 75, pagesOf(file).length - 1, whole.length - 10]) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(file, changed);
      const { hint } = await session.refused(9, [...RESTORE]);
      expect(hint).toBe('use another backup');
    }
    writeFileSync(file, whole);
    expect((await session.run([...RESTORE])).stderr).not.toContain('SHA-256');
  });

  it.each([
    ['as in a backup that an earlier version made', (file: string) => writeFileSync(file, pagesOf(file))],
    ['since a change has made it longer', (file: string) => lengthen(file)],
  ])('and says so where there is no digest, %s', async (_what, remove) => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const file = session.workspace.path('b.db');
    remove(file);
    const { exitCode, stderr } = await session.run([...RESTORE]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      'the backup has no SHA-256 to compare it with: a damaged value may go unnoticed\n',
    );
  });

  it('and a check of it tells what is spoiled', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    spoilIndex(session.workspace.path('b.db'));
    const { exitCode, stdout } = await session.run(['store', 'check', '--store', 'b.db']);
    expect(exitCode).toBe(9);
    expect(stdout).toContain('its schema cannot be used');
  });

  it('and takes one that is read-only, as backups may be', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    chmodSync(session.workspace.path('b.db'), 0o400);
    await session.json(DOCUMENT, ...RESTORE);
  });

  it('but not the store itself', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.refused(2, ['store', 'restore', session.workspace.defaultStore, '--force', '--yes']);
  });
});
