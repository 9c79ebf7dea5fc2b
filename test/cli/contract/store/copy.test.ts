import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SCHEMA_NUMBER } from '../../../../src/storage/schema/number.js';
import { verdictOn } from '../../../support/dependencies/presented.js';
import { openPostgresSession, type PostgresSession } from '../../../support/postgres/session.js';
import { openSession, type Session } from '../../../support/program/run.js';
import { auditValidDocument, storeDocument } from '../output/shapes.js';

const DOCUMENT = z.strictObject({
  schema_version: z.literal(1),
  copy: z.strictObject({
    to: z.string(),
    engine: z.enum(['sqlite', 'postgres']),
    store_id: z.string().regex(/^[0-9a-f-]{36}$/),
    credentials: z.int().min(0),
    rows: z.int().min(1),
    events: z.int().min(2),
    head: z.string().regex(/^[0-9a-f]{64}$/),
    resumed: z.boolean(),
  }),
});

const MIGRATION = z.strictObject({
  schema_version: z.literal(1),
  migration: z.strictObject({
    from: z.int(),
    to: z.int(),
    migrated: z.boolean(),
    backup: z.string().nullable(),
  }),
});

/** Secrets of which the store accepts some: by what became of them. */
async function withSecrets(session: Session): Promise<Readonly<Record<string, string>>> {
  const rotated = await session.issue('rotated');
  const latest = (await session.ok('rotate', 'rotated', '--now', '-q')).trim();
  const retiring = await session.issue('retiring');
  const newest = (await session.ok('rotate', 'retiring', '-q')).trim();
  const deleted = await session.issue('deleted');
  await session.ok('delete', 'deleted', '--yes');
  const inactive = await session.issue('inactive');
  await session.ok('deactivate', 'inactive');
  return { latest, newest, retiring, rotated, deleted, inactive };
}

/** What the store says to each secret. */
async function verdicts(
  session: Session,
  secrets: Readonly<Record<string, string>>,
  flags: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const said: { [name: string]: string } = {};
  for (const [name, secret] of Object.entries(secrets))
    said[name] = await verdictOn(session, secret, { flags });
  return said;
}

const EXPECTED = {
  latest: 'valid',
  newest: 'valid',
  retiring: 'valid',
  rotated: 'version_retired',
  deleted: 'deleted',
  inactive: 'inactive',
};

describe('store copy', () => {
  it('moves a store to PostgreSQL and back: what worked works, and what did not does not', async () => {
    const session: PostgresSession = await openPostgresSession();
    const file = ['--store', 'team.db'];
    await session.ok('store', 'init', '--hash', 'sha256', ...file);
    const there = { ...session, ...inFile(session, file) };
    const secrets = await withSecrets(there);
    expect(await verdicts(session, secrets, file)).toEqual(EXPECTED);

    const password = { env: { PGPASSWORD: session.password } };
    const argv = ['store', 'copy', ...file, '--to', session.publicUrl];
    const first = await session.run(argv, password);
    expect(first, first.stderr).toMatchObject({ exitCode: 0, stdout: '' });
    expect(first.stderr).toMatch(
      /^copied 3 credentials and \d+ audit events to postgres:\S+, and compared the copy with the store\nthe copy is independent and has the id \S{36}\n$/,
    );
    expect(await verdicts(session, secrets, [])).toEqual(EXPECTED);
    const again = await session.refused(5, argv, password);
    expect(again.message).toContain('already');

    const { copy } = await session.json(DOCUMENT, 'store', 'copy', '--to', 'back/home.db');
    const home = ['--store', 'back/home.db'];
    expect(copy).toMatchObject({ engine: 'sqlite', credentials: 3, resumed: false });
    expect(await verdicts(session, secrets, home)).toEqual(EXPECTED);
    expect(await session.json(auditValidDocument, 'audit', 'verify', ...home)).toMatchObject({
      events: copy.events,
      head: copy.head,
    });
    await session.ok('store', 'check', ...home);
    const ids = await Promise.all(
      [file, [], home].map(
        async (of) => (await session.json(storeDocument, 'store', 'info', ...of)).store.id,
      ),
    );
    expect(new Set(ids).size).toBe(3);
    expect(ids[2]).toBe(copy.store_id);
  });

  it('makes a file for its owner alone, and leaves nothing else', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const { stdout, stderr } = await session.run(['store', 'copy', '--to', 'new/copy.db', '-q']);
    expect(stdout + stderr).toBe('');
    const directory = session.workspace.path('new');
    expect(readdirSync(directory)).toEqual(['copy.db']);
    const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);
    expect([mode(directory), mode(join(directory, 'copy.db'))]).toEqual(['700', '600']);
    await session.ok(
      'create',
      'other',
      '--type',
      'api-key',
      '--scope',
      'data:users',
      '--store',
      'new/copy.db',
    );
  });

  it('takes no password on the command line, and needs a place', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    for (const to of ['postgres://me:hunter2@localhost/db', 'postgres://me@localhost/db?password=hunter2']) {
      const { message, stderr } = await session.refused(2, ['store', 'copy', '--to', to]);
      expect(message).toContain('the command line contains a database password');
      expect(stderr).not.toContain('hunter2');
    }
    expect((await session.refused(2, ['store', 'copy'])).hint).toBe('add --to URL');
    await session.refused(2, ['store', 'copy', '--to', 'mysql://localhost/db']);
    await session.refused(2, ['store', 'copy', '--to', ':memory:']);
  });

  it('copies no store that is not there, and makes none', async () => {
    const session = await openSession();
    await session.refused(8, ['store', 'copy', '--to', 'copy.db']);
    expect(existsSync(session.workspace.defaultStore)).toBe(false);
    expect(existsSync(session.workspace.path('copy.db'))).toBe(false);
  });

  it('overwrites neither a store nor any other file, and not the store itself', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.workspace.write('notes', 'precious');
    for (const to of ['notes', '.', session.workspace.defaultStore]) {
      await session.refused(5, ['store', 'copy', '--to', to]);
    }
    expect(await session.workspace.read('notes')).toBe('precious');
    expect(await session.ok('list')).toContain('ci-bot');
  });
});

describe('store migrate', () => {
  it('finds nothing to do with a store of this version, and says so', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    expect(await session.run(['store', 'migrate'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: `the store has schema ${SCHEMA_NUMBER}; there is nothing to do\n`,
    });
    for (const flags of [[], ['--dry-run']]) {
      const { migration } = await session.json(MIGRATION, 'store', 'migrate', ...flags);
      expect(migration).toEqual({ from: SCHEMA_NUMBER, to: SCHEMA_NUMBER, migrated: false, backup: null });
    }
    expect(readdirSync(join(session.workspace.defaultStore, '..'))).toEqual(['credctl.db']);
  });

  it('makes no store where there is none', async () => {
    const session = await openSession();
    await session.refused(8, ['store', 'migrate']);
    expect(existsSync(session.workspace.defaultStore)).toBe(false);
  });
});

describe('a store in PostgreSQL', () => {
  it('is backed up with its database, which backup and restore say; migrate asks for a backup only when it has something to do', async () => {
    const session = await openPostgresSession();
    await session.issue('ci-bot');
    for (const words of [['backup'], ['restore']]) {
      const { hint } = await session.refused(2, ['store', ...words, 'b.db']);
      expect(hint).toContain('pg_dump');
    }
    const { stderr } = await session.run(['store', 'migrate', '--dry-run']);
    expect(stderr).toMatch(/^the store has schema \d+; there is nothing to do\n$/);
  });
});

/** The same session, whose commands are about another store. */
function inFile(session: Session, flags: readonly string[]): Pick<Session, 'issue' | 'ok'> {
  return {
    ok: (...args) => session.ok(...args, ...flags),
    issue: (name, ...more) => session.issue(name, ...more, ...flags),
  };
}
