import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';
import { lengthen, pagesOf, reseal, spoilIndex, tamper } from './altered-backup.js';
import { RESTORE, restoreDocument } from './restoring.js';

describe('store restore checks the backup before anything is touched', () => {
  const SPOILED: readonly (readonly [string, number, (file: string) => void])[] = [
    ['is not there', 3, (file) => rmSync(file)],
    ['others can read', 4, (file) => chmodSync(file, 0o644)],
    [
      'is a link',
      8,
      (file) => {
        renameSync(file, `${file}.real`);
        symlinkSync(`${file}.real`, file);
      },
    ],
    [
      'is a database of another program',
      8,
      (file) => {
        rmSync(file);
        tamper(file, 'create table notes (text)');
        chmodSync(file, 0o600);
      },
    ],
    ['is of a newer program', 8, (file) => tamper(file, 'pragma user_version = 99')],
    ['is of a schema that no release has made', 8, (file) => tamper(file, 'pragma user_version = 1')],
    [
      'has an altered audit trail',
      9,
      (file) => tamper(file, "update audit_event set actor = 'x' where seq = 1"),
    ],
    [
      'has a version that was never issued',
      9,
      (file) =>
        tamper(
          file,
          `insert into version (credential_key, number, id, created_at, delivered_at, destinations)
            select credential_key, 2, 'planted00000', created_at, delivered_at, destinations from version;
           insert into version_hash values ('planted00000', 1, 2, '$sha256$${'0'.repeat(64)}')`,
        ),
    ],
    ['has an index that one flipped bit has spoiled', 9, (file) => spoilIndex(file)],
    [
      'has a trigger',
      9,
      (file) => tamper(file, 'create trigger t after insert on version begin select 1; end'),
    ],
  ];

  it.each(SPOILED)('that %s', async (_what, exitCode, spoil) => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const before = await session.ok('audit', 'verify');
    spoil(session.workspace.path('b.db'));
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
    ['a hash', "update version_hash set hash = substr(hash, 1, length(hash) - 3) || 'aaa'"],
    ['a time', 'update version set created_at = created_at + 1'],
    ['a description', "update credential set description = 'another'"],
  ])('and compares it with its digest: %s that was altered is refused', async (_what, sql) => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const file = session.workspace.path('b.db');
    tamper(file, sql);
    const { message, hint } = await session.refused(9, [...RESTORE]);
    expect(message).toMatch(/it is damaged, or was changed after the backup$/);
    expect(hint).toBe('use another backup');
    // No other check sees it: the digest is no signature.
    reseal(file);
    await session.json(restoreDocument, ...RESTORE);
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
      'the backup has no checksum (SHA-256): a damaged value in it may go unnoticed\n',
    );
  });

  it('and a check of it tells what is spoiled', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    spoilIndex(session.workspace.path('b.db'));
    const { exitCode, stdout } = await session.run(['store', 'check', '--store', 'b.db']);
    expect(exitCode).toBe(9);
    expect(stdout).toContain('the schema of the file cannot be used');
  });

  it('and takes one that is read-only, as backups may be', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    chmodSync(session.workspace.path('b.db'), 0o400);
    await session.json(restoreDocument, ...RESTORE);
  });

  it('but not the store itself', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.refused(2, ['store', 'restore', session.workspace.defaultStore, '--force', '--yes']);
  });
});
