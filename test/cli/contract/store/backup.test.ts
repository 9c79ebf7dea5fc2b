import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SCHEMA_NUMBER } from '../../../../src/storage/schema/number.js';
import { openSession, type Session } from '../../../support/program/run.js';
import { tamper } from './altered-backup.js';

const DOCUMENT = z.strictObject({
  schema_version: z.literal(1),
  backup: z.strictObject({
    file: z.string(),
    store_id: z.string().regex(/^[0-9a-f-]{36}$/),
    schema: z.literal(SCHEMA_NUMBER),
    credentials: z.int().min(0),
    events: z.int().min(1),
    head: z.string().regex(/^[0-9a-f]{64}$/),
    size_bytes: z.int().min(1),
  }),
});

const events = z.object({
  events: z.array(z.object({ seq: z.int(), action: z.string(), details: z.record(z.string(), z.unknown()) })),
});

async function withStore(): Promise<Session> {
  const session = await openSession();
  await session.issue('ci-bot');
  return session;
}

describe('store backup', () => {
  it('writes a file that is a sound store of its own, for its owner alone', async () => {
    const session = await withStore();
    const { backup } = await session.json(DOCUMENT, 'store', 'backup', 'b.db');
    expect(backup).toMatchObject({ file: session.workspace.path('b.db'), credentials: 1 });
    const { mode, size } = statSync(backup.file);
    expect((mode & 0o7777).toString(8)).toBe('600');
    expect(size).toBe(backup.size_bytes);
    expect(await session.ok('audit', 'verify', '--store', 'b.db')).toBe(
      `valid: ${backup.events} events\nhead: ${backup.head}\n`,
    );
    expect(readdirSync(session.workspace.directory)).toEqual(['b.db']);
  });

  it('is left as it is by the commands that look into it, but not by one that writes', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const before = readFileSync(session.workspace.path('b.db'));
    for (const look of [['list'], ['show', 'ci-bot'], ['audit'], ['store', 'check']]) {
      await session.ok(...look, '--store', 'b.db');
    }
    expect(readFileSync(session.workspace.path('b.db')).equals(before)).toBe(true);
    expect(readdirSync(session.workspace.directory)).toEqual(['b.db']);
    await session.run(['verify', '--store', 'b.db'], { stdin: secret });
    const { message } = await session.refused(9, ['store', 'restore', 'b.db', '--force', '--yes']);
    expect(message).toContain('was changed after the backup');
  });

  it('is recorded in the store and in the backup itself, which tells where it comes from', async () => {
    const session = await withStore();
    await session.ok('store', 'backup', 'b.db', '--reason', 'nightly');
    for (const store of [session.workspace.defaultStore, 'b.db']) {
      const found = await session.json(events, 'audit', '--action', 'store.backup', '--store', store);
      expect(found.events).toHaveLength(1);
      expect(found.events[0]?.details).toMatchObject({
        file: session.workspace.path('b.db'),
        location: session.workspace.defaultStore,
      });
    }
    expect((await session.run(['audit', 'verify'])).exitCode).toBe(0);
  });

  it('says in text what it did, on stderr alone', async () => {
    const session = await withStore();
    const { stdout, stderr } = await session.run(['store', 'backup', 'b.db']);
    expect(stdout).toBe('');
    expect(stderr).toBe(`backed up 1 credential and 4 audit events to ${session.workspace.path('b.db')}\n`);
    expect((await session.run(['store', 'backup', 'c.db', '-q'])).stderr).toBe('');
  });

  it('never replaces a backup unless --force is given, and then in one step', async () => {
    const session = await withStore();
    await session.ok('store', 'backup', 'b.db');
    const earlier = readFileSync(session.workspace.path('b.db'));
    await session.refused(5, ['store', 'backup', 'b.db']);
    expect(readFileSync(session.workspace.path('b.db')).equals(earlier)).toBe(true);
    chmodSync(session.workspace.path('b.db'), 0o400);
    await session.ok('store', 'backup', 'b.db', '--force');
    await session.ok('audit', 'verify', '--store', 'b.db');
    expect((statSync(session.workspace.path('b.db')).mode & 0o777).toString(8)).toBe('600');
  });

  it.each([
    ['a text', (file: string) => writeFileSync(file, 'precious')],
    ['an empty file', (file: string) => writeFileSync(file, '')],
    ['a database of another program', (file: string) => tamper(file, 'create table notes (text)')],
    ['a backup of a newer program', (file: string) => tamper(file, 'pragma user_version = 99')],
    [
      'a backup that was used as a store since',
      (file: string) => tamper(file, 'update generation set value = 2'),
    ],
    ['a backup that is damaged', (file: string) => truncateSync(file, statSync(file).size - 1)],
  ])('never replaces %s, even with --force', async (what, put) => {
    const session = await withStore();
    const file = session.workspace.path('b.db');
    if (what.startsWith('a backup')) await session.ok('store', 'backup', 'b.db');
    put(file);
    const before = readFileSync(file);
    const { hint } = await session.refused(5, ['store', 'backup', 'b.db', '--force']);
    expect(hint).toBe('choose another name, or remove the file yourself');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it.each(['', '-'])("needs a file: '%s' is a usage error, and makes none", async (name) => {
    const session = await withStore();
    await session.refused(2, ['store', 'backup', name, '--force']);
    expect(readdirSync(session.workspace.directory)).toEqual([]);
  });

  it.each([[], ['--force']])('does not follow or replace a link, with %j', async (...force) => {
    const session = await withStore();
    await session.workspace.write('victim', 'precious');
    for (const target of ['victim', 'nothing']) {
      symlinkSync(session.workspace.path(target), session.workspace.path(`to-${target}`));
      await session.refused(5, ['store', 'backup', `to-${target}`, ...force]);
    }
    expect(await session.workspace.read('victim')).toBe('precious');
    expect(existsSync(session.workspace.path('nothing'))).toBe(false);
  });

  it('never replaces the store itself, under whatever name, nor any other store', async () => {
    const session = await withStore();
    const store = session.workspace.defaultStore;
    for (const file of [store, `${store}-wal`]) {
      await session.refused(2, ['store', 'backup', file, '--force']);
    }
    await session.ok('store', 'init', '--store', 'other.db');
    await session.refused(5, ['store', 'backup', 'other.db', '--force']);
    await session.ok('store', 'info', '--store', 'other.db');
    linkSync(store, session.workspace.path('second-name.db'));
    await session.refused(8, ['store', 'backup', 'second-name.db', '--force']);
  });

  it.each(['-wal', '-shm', '-journal'])(
    'refuses a place where a stray %s would become part of it',
    async (suffix) => {
      const session = await withStore();
      await session.workspace.write(`b.db${suffix}`, 'planted');
      for (const force of [[], ['--force']]) await session.refused(5, ['store', 'backup', 'b.db', ...force]);
      expect(existsSync(session.workspace.path('b.db'))).toBe(false);
    },
  );

  it('refuses a directory that others can change, and one that is not there', async () => {
    const session = await withStore();
    mkdirSync(session.workspace.path('shared'));
    chmodSync(session.workspace.path('shared'), 0o777);
    const { hint } = await session.refused(4, ['store', 'backup', 'shared/b.db']);
    expect((await session.sh(hint?.replace(/^run: /, '') ?? 'false')).exitCode).toBe(0);
    await session.ok('store', 'backup', 'shared/b.db');
    const missing = await session.refused(8, ['store', 'backup', 'nowhere/b.db']);
    expect(missing.hint).toBe('create the directory first');
    await session.workspace.write('plain', '');
    await session.refused(8, ['store', 'backup', 'plain/b.db']);
    mkdirSync(session.workspace.path('d'));
    await session.refused(5, ['store', 'backup', 'd', '--force']);
  });

  it('makes none of a store that is not there, and makes no store', async () => {
    const session = await openSession();
    await session.refused(8, ['store', 'backup', 'b.db']);
    expect(existsSync(session.workspace.defaultStore)).toBe(false);
    expect(existsSync(session.workspace.path('b.db'))).toBe(false);
  });

  it('is made of a sound store only: an altered one, or a damaged one, is exit 9', async () => {
    const session = await withStore();
    const database = new Database(session.workspace.defaultStore);
    database.exec("update audit_event set actor = 'mallory' where seq = 1");
    database.close();
    const { message, hint } = await session.refused(9, ['store', 'backup', 'b.db']);
    expect(message).toBe('the audit trail was altered at event 1');
    expect(hint).toContain('credctl store check');
    expect(readdirSync(session.workspace.directory)).toEqual([]);
    expect(await session.ok('audit', '--action', 'store.backup.fail')).toContain('\tstore.backup.fail\t');
    await session.sh(
      `dd if=/dev/zero of='${session.workspace.defaultStore}' bs=4096 seek=3 count=30 conv=notrunc`,
    );
    const damaged = await session.refused(9, ['store', 'backup', 'b.db']);
    expect(damaged.message).toContain(session.workspace.defaultStore);
    expect(readdirSync(session.workspace.directory)).toEqual([]);
  });

  it('removes what an earlier one that was killed has left, and nothing else', async () => {
    const session = await withStore();
    const draft = (pid: number, name = 'b.db') => `.${name}.${pid}-0123456789ab.draft`;
    const others = [draft(process.pid), draft(4_194_305, 'other.db')];
    for (const name of [draft(4_194_305), ...others]) {
      mkdirSync(session.workspace.path(name), 0o700);
      writeFileSync(session.workspace.path(`${name}/draft.db`), 'half');
    }
    await session.ok('store', 'backup', 'b.db');
    expect(readdirSync(session.workspace.directory).sort()).toEqual([...others, 'b.db'].sort());
  });

  it('holds nothing of what was deleted: not in free pages, not in gaps, not in a log', async () => {
    const session = await withStore();
    const MARK = 'zq-marked-description';
    const flags = ['--description', MARK.repeat(20), '--label', `mark=${MARK}`];
    for (let n = 0; n < 6; n += 1) await session.issue(`gone-${n}`, ...flags);
    await session.ok('edit', 'ci-bot', '--description', MARK);
    await session.ok('edit', 'ci-bot', '--description', 'harmless');
    for (let n = 0; n < 6; n += 1) await session.ok('delete', `gone-${n}`, '--yes');
    await session.ok('store', 'backup', 'b.db');
    const bytes = readFileSync(session.workspace.path('b.db')).toString('latin1');
    // The audit trail keeps from what a description was changed: once, and not many times in a row.
    expect(bytes).toContain(MARK);
    expect(bytes).not.toContain(`${MARK}${MARK}`);
    expect(bytes).not.toContain('"mark":');
  });
});
