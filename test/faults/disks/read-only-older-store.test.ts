import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrivateMount, privateMount } from '../../support/faults/private-mount.js';
import { credctl, type Ended, PROGRAM, runIn } from '../../support/program/real-program.js';
import { unprivileged } from '../../support/program/unprivileged.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { snapshot } from '../../support/stores/directory-snapshot.js';
import { forgetPlace } from '../../support/stores/forgotten-place.js';
import { makeOlderSchema } from '../../support/stores/older-store.js';

const LOOKING: readonly (readonly string[])[] = [
  ['list', '--json'],
  ['show', 'logged', '--json'],
  ['audit', 'list', '--json'],
  ['audit', 'verify', '--json'],
  ['audit', 'export'],
  ['catalog', 'show', '--json'],
];

let place: Workplace;
let key: string;
/** A directory with a store of schema 3, whose last change is in its log alone. */
let logged: string;
/** What each command says of it where it may be migrated: without the events of that. */
const expected = new Map<string, string>();

beforeAll(async () => {
  place = makeWorkplace();
  await credctl(place, ['store', 'init', '--hash', 'sha256']);
  const created = await credctl(place, [
    'create',
    'logged',
    '--type',
    'api-key',
    '--scope',
    'data:users',
    '-q',
  ]);
  key = created.stdout.trim();
  forgetPlace(place.store);
  logged = join(place.root, 'logged');
  mkdirSync(logged, { mode: 0o700 });
  const older = place.output('older.db');
  makeOlderSchema(3, older, place.store);
  const database = new Database(older);
  database.pragma('wal_autocheckpoint = 0');
  const change = (description: string) =>
    database
      .prepare('update credential set description = ?, description_key = ?')
      .run(description, description);
  change('in the log');
  for (const end of ['', '-wal']) copyFileSync(older + end, join(logged, `s.db${end}`));
  database.close();
  for (const name of readdirSync(logged)) chmodSync(join(logged, name), 0o600);
  const told = new Database(place.store);
  told.exec("update credential set description = 'in the log', description_key = 'in the log'");
  told.close();
  for (const argv of LOOKING) expected.set(argv.join(' '), (await credctl(place, argv)).stdout);
  return () => place.remove();
});

/** What a command says of an older store that it may not migrate, and what of its changes. */
async function expectLookedAt(run: (argv: readonly string[]) => Promise<Ended>, why: RegExp): Promise<void> {
  for (const argv of LOOKING) {
    const ended = await run(argv);
    expect(ended, argv.join(' ')).toMatchObject({ exitCode: 0, stdout: expected.get(argv.join(' ')) });
    expect(ended.stderr).toMatch(
      argv.includes('--json') ? /^$/ : /^note: this command works on a copy in memory: /,
    );
  }
  expect((await run(['store', 'info', '--json'])).stdout).toContain('"schema":3');
  expect((await run(['list', '--search', 'the log'])).stdout).toContain('\nlogged\t');
  const change = await run(['edit', 'logged', '--description', 'x']);
  expect(change).toMatchObject({ exitCode: 8, stdout: '' });
  expect(change.stderr).toMatch(why);
  expect((await run(['serve', '--port', '0'])).exitCode).toBe(8);
  const migration = await run(['store', 'backup', place.output('backup.db')]);
  expect([migration.exitCode, migration.stderr]).toEqual([8, expect.stringMatching(why)]);
}

describe('a store of an older schema on a read-only file system', () => {
  let disk: PrivateMount;

  beforeAll(async () => {
    disk = await privateMount(2_048);
    for (const name of readdirSync(logged)) copyFileSync(join(logged, name), join(disk.view, name));
    disk.sh('chmod 600 "$1"/*; mount -o remount,ro "$1"');
  });

  afterAll(() => disk.remove());

  const run = (argv: readonly string[], stdin = ''): Promise<Ended> =>
    runIn(place, disk.inside([process.execPath, PROGRAM, ...argv, '--store', join(disk.directory, 's.db')]), {
      input: stdin,
    });

  it('is looked at in a copy in memory, with what is in its log', async () => {
    await expectLookedAt(
      run,
      /^credctl: \S+\/s\.db cannot be migrated from schema 3 to 5: it is on a read-only file system\nhint: mount it read-write/,
    );
    expect((await run(['store', 'check'])).stdout).toBe('no problems found\n');
    expect((await run(['verify'], key)).stdout).toBe('valid: logged, version 1, data:users\n');
  });
});

describe('a store of an older schema', () => {
  const run = (argv: readonly string[]): Promise<Ended> =>
    runIn(place, unprivileged([process.execPath, PROGRAM, ...argv, '--store', join(logged, 's.db')]));

  it('that its mode makes read-only is looked at in a copy in memory', async () => {
    if (process.geteuid?.() === 0) chownSync(logged, 0, 0);
    for (const name of readdirSync(logged)) chmodSync(join(logged, name), 0o400);
    const before = snapshot(logged);
    await expectLookedAt(run, /from schema 3 to 5: it is read-only\nhint: run: chmod 600 /);
    expect(snapshot(logged)).toEqual(before);
    for (const name of readdirSync(logged)) chmodSync(join(logged, name), 0o600);
  });

  it('is looked at in a copy in memory where its directory takes no backup', async () => {
    chmodSync(logged, 0o500);
    const before = snapshot(logged);
    await expectLookedAt(
      run,
      /the backup before the migration goes into \S+, which is read-only\nhint: run: chmod 700 /,
    );
    expect(snapshot(logged)).toEqual(before);
    chmodSync(logged, 0o700);
  });
});

describe('a store of the present schema in a directory that takes no log', () => {
  it('is looked at in a copy in memory, and named where it is to be changed', async () => {
    const closed = join(place.root, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    copyFileSync(place.store, join(closed, 's.db'));
    chmodSync(join(closed, 's.db'), 0o600);
    chmodSync(closed, 0o500);
    const run = (argv: readonly string[]): Promise<Ended> =>
      runIn(place, unprivileged([process.execPath, PROGRAM, ...argv, '--store', join(closed, 's.db')]));
    for (const argv of LOOKING) {
      expect(await run(argv)).toMatchObject({ exitCode: 0, stdout: expected.get(argv.join(' ')) });
    }
    for (const argv of [
      ['edit', 'logged', '--description', 'x'],
      ['owner', 'create', 'team', '--kind', 'service'],
    ]) {
      const { exitCode, stderr } = await run(argv);
      expect([exitCode, stderr]).toEqual([
        8,
        expect.stringMatching(/\/closed is read-only\nhint: run: chmod 700 \S+\/closed\n$/),
      ]);
    }
    expect(readdirSync(closed)).toEqual(['s.db']);
    chmodSync(closed, 0o700);
  });
});
