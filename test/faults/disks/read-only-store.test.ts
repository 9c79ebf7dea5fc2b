import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE_CLASS } from '../../support/build/sqlite-under-test.js';
import { type PrivateMount, privateMount } from '../../support/faults/private-mount.js';
import { credctl, type Ended, PROGRAM, runIn } from '../../support/program/real-program.js';
import { unprivileged } from '../../support/program/unprivileged.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { snapshot } from '../../support/stores/directory-snapshot.js';
import { withoutCopyNote } from '../../support/stores/forgotten-place.js';

const LOOKING: readonly (readonly string[])[] = [
  ['list', '--json'],
  ['show', 'logged', '--json'],
  ['audit', 'list', '--json'],
  ['audit', 'verify', '--json'],
  ['audit', 'export'],
  ['catalog', 'show', '--json'],
];

const CHANGING: readonly (readonly string[])[] = [
  ['create', 'b', '--type', 'api-key', '--scope', 'data:users'],
  ['edit', 'logged', '--description', 'x'],
  ['rotate', 'logged', '--now'],
  ['delete', 'logged', '--yes'],
  ['store', 'set', '--hash', 'sha256'],
  ['serve', '--port', '0'],
];

let place: Workplace;
/** A store whose last change is in its log alone. */
let logged: string;

beforeAll(async () => {
  place = makeWorkplace();
  await credctl(place, ['store', 'init', '--hash', 'sha256']);
  await credctl(place, ['store', 'backup', place.output('backup.db')]);
  logged = join(place.root, 'logged');
  mkdirSync(logged, { mode: 0o700 });
  const held = `const D = ${DATABASE_CLASS}; const held = new D(process.argv[1]);
    held.prepare('select count(*) from credential').get();
    require('node:child_process').execFileSync(process.execPath, process.argv.slice(2), { stdio: 'pipe' });
    for (const end of ['', '-wal']) require('node:fs').copyFileSync(process.argv[1] + end, '${logged}/s.db' + end);`;
  const create = ['create', 'logged', '--type', 'api-key', '--scope', 'data:users'];
  const ended = await runIn(place, [process.execPath, '-e', held, place.store, PROGRAM, ...create], {
    cwd: join(PROGRAM, '../..'),
  });
  expect(ended.exitCode, ended.stderr).toBe(0);
  for (const name of readdirSync(logged)) chmodSync(join(logged, name), 0o600);
  return () => place.remove();
});

describe('on a read-only file system', () => {
  let disk: PrivateMount;

  beforeAll(async () => {
    disk = await privateMount(2_048);
    for (const name of readdirSync(logged)) copyFileSync(join(logged, name), join(disk.view, name));
    copyFileSync(place.output('backup.db'), join(disk.view, 'backup.db'));
    disk.sh('chmod 600 "$1"/*; mount -o remount,ro "$1"');
  });

  afterAll(() => disk.remove());

  const on = (file: string, argv: readonly string[]): Promise<Ended> =>
    runIn(place, disk.inside([process.execPath, PROGRAM, ...argv, '--store', join(disk.directory, file)]));

  it.each(LOOKING)('whatever only looks sees what is in the log: %s %s', async (...argv) => {
    const [seen, expected] = [withoutCopyNote(await on('s.db', argv)), await credctl(place, argv)];
    expect(seen).toEqual(expected);
    expect(seen.exitCode).toBe(0);
  });

  it('a store and a backup can be checked', async () => {
    for (const file of ['s.db', 'backup.db']) {
      expect((await on(file, ['store', 'check'])).stdout).toBe('no problems found\n');
      expect(await on(file, ['store', 'info'])).toMatchObject({ exitCode: 0 });
      expect(await on(file, ['audit', 'verify'])).toMatchObject({ exitCode: 0 });
    }
  });

  it.each(CHANGING)('what changes says that the file system is read-only: %s %s', async (...argv) => {
    const { exitCode, stdout, stderr } = await on('s.db', argv);
    expect([exitCode, stdout, stderr]).toEqual([
      8,
      '',
      expect.stringMatching(/is on a read-only file system\n/),
    ]);
    expect(stderr).not.toContain('chmod');
  });
});

describe('a store that its mode makes read-only', () => {
  it('can be looked at, and stays as it is', async () => {
    for (const name of readdirSync(logged)) chmodSync(join(logged, name), 0o400);
    if (process.geteuid?.() === 0) chownSync(logged, 0, 0);
    const before = snapshot(logged);
    const run = (argv: readonly string[]): Promise<Ended> =>
      runIn(place, unprivileged([process.execPath, PROGRAM, ...argv, '--store', join(logged, 's.db')]));
    for (const argv of LOOKING) {
      expect(withoutCopyNote(await run(argv)), argv.join(' ')).toEqual(await credctl(place, argv));
    }
    const { exitCode, stderr } = await run(['edit', 'logged', '--description', 'x']);
    expect([exitCode, stderr]).toEqual([8, expect.stringMatching(/is read-only\nhint: run: chmod 600 /)]);
    expect(snapshot(logged)).toEqual(before);
    expect(readFileSync(join(logged, 's.db')).length).toBeGreaterThan(0);
  });
});

describe('a store that others change, seen through a mount that is read-only', () => {
  it('is looked at as it was at one moment', async () => {
    const disk = await privateMount(4_096);
    try {
      disk.sh(`mkdir -m 700 "$1/live" "$1/seen"; cp "${place.store}" "$1/live/s.db"
        mount --bind "$1/live" "$1/seen"; mount -o remount,ro,bind "$1/seen"`);
      const on = (end: string, argv: readonly string[]): Promise<Ended> =>
        runIn(
          place,
          disk.inside([process.execPath, PROGRAM, ...argv, '--store', join(disk.directory, end, 's.db')]),
        );
      let isChanging = true;
      const changes = (async () => {
        for (const n of Array.from({ length: 12 }, (_, index) => index)) {
          expect(await on('live', ['owner', 'create', `o${n}`, '--kind', 'service'])).toMatchObject({
            exitCode: 0,
          });
        }
        isChanging = false;
      })();
      while (isChanging) {
        const ended = await on('seen', ['audit', 'verify']);
        expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
      }
      await changes;
      const { stdout } = await on('seen', ['owner', 'list', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ owners: { length: 12 } });
    } finally {
      disk.remove();
    }
  });
});
