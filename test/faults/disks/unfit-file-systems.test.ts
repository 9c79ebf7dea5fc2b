import { copyFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileMount, fusefatMount, ntfsMount, sshfsMount } from '../../support/faults/file-systems.js';
import type { PrivateMount } from '../../support/faults/private-mount.js';
import { type Ended, PROGRAM, runIn } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';

const KEY = ['--type', 'api-key', '--scope', 'data:users'];

let place: Workplace;

beforeAll(async () => {
  place = makeWorkplace();
  await runIn(place, [process.execPath, PROGRAM, 'store', 'init', '--hash', 'sha256']);
  await runIn(place, [process.execPath, PROGRAM, 'store', 'backup', place.output('backup.db')]);
  return () => place.remove();
});

/** Runs a command in which `@` stands for the directory of the file system. */
const on = (disk: PrivateMount, argv: readonly string[]): Promise<Ended> =>
  runIn(
    place,
    disk.inside([process.execPath, PROGRAM, ...argv.map((word) => word.replace('@', disk.directory))]),
  );

/** What makes a store, in every way that there is. */
const MAKING: readonly (readonly string[])[] = [
  ['create', 'a', ...KEY, '--store', '@/s.db'],
  ['store', 'init', '--store', '@/s.db'],
  ['store', 'init', '--store', '@/new/directory/s.db'],
  ['store', 'copy', '--to', '@/s.db'],
];

const USING: readonly (readonly string[])[] = [
  ['list', '--store', '@/s.db'],
  ['create', 'a', ...KEY, '--store', '@/s.db'],
  ['store', 'check', '--store', '@/s.db'],
  ['serve', '--store', '@/s.db', '--port', '0'],
];

describe.each<readonly [string, () => Promise<PrivateMount>, RegExp]>([
  [
    'without modes',
    ntfsMount,
    /on a file system without permissions.*\n.*on another file system; chmod.* no effect/,
  ],
  ['of a network, in FUSE', sshfsMount, /is on a network file system \(sshfs\)\n.*local disk/],
])('on a file system %s', (_what, mount, message) => {
  let disk: PrivateMount;

  beforeAll(async () => {
    disk = await mount();
  });

  afterAll(() => disk.remove());

  it.each(MAKING)('no store is made, and nothing is left: %s %s %s %s %s', async (...argv) => {
    const { exitCode, stdout, stderr } = await on(disk, argv);
    expect([exitCode, stdout, stderr]).toEqual([8, '', expect.stringMatching(message)]);
    expect(readdirSync(disk.view)).toEqual([]);
  });

  it('no store is used', async () => {
    copyFileSync(place.store, `${disk.view}/s.db`);
    for (const argv of USING) {
      const { exitCode, stdout, stderr } = await on(disk, argv);
      expect([exitCode, stdout, stderr], argv.join(' ')).toEqual([8, '', expect.stringMatching(message)]);
      expect(readdirSync(disk.view)).toEqual(['s.db']);
    }
    disk.sh('rm "$1/s.db"');
  });
});

describe('on a network file system', () => {
  it('a backup is kept, and restored from there', async () => {
    const disk = await sshfsMount();
    try {
      expect(await on(disk, ['store', 'backup', '@/b.db'])).toMatchObject({ exitCode: 0 });
      expect(await on(disk, ['store', 'restore', '@/b.db', '--force', '--yes'])).toMatchObject({
        exitCode: 0,
      });
      expect(readdirSync(disk.view)).toEqual(['b.db']);
    } finally {
      disk.remove();
    }
  });
});

describe('on a file system without modes', () => {
  it('no backup is made, and nothing is left', async () => {
    const disk = await ntfsMount();
    try {
      const { exitCode, stderr } = await on(disk, ['store', 'backup', '@/b.db']);
      expect([exitCode, stderr]).toEqual([8, expect.stringMatching(/without permissions/)]);
      expect(readdirSync(disk.view)).toEqual([]);
    } finally {
      disk.remove();
    }
  });
});

describe('where no memory can be shared', () => {
  it('no store is made, it is said why, and nothing is left', async () => {
    const disk = await fusefatMount();
    try {
      const { exitCode, stdout, stderr } = await on(disk, ['create', 'a', ...KEY, '--store', '@/s.db']);
      expect([exitCode, stdout, stderr]).toEqual([
        8,
        '',
        expect.stringMatching(/cannot hold a store: it has no shared memory/),
      ]);
      expect(stderr).not.toContain('created the store');
      expect(readdirSync(disk.view)).toEqual([]);
    } finally {
      disk.remove();
    }
  });
});

describe('a store that is mounted as a single file', () => {
  it('is refused, since its log would be somewhere else', async () => {
    const disk = await fileMount('s.db');
    try {
      copyFileSync(place.store, `${disk.view}/elsewhere/file`);
      disk.sh('chmod 600 "$1/elsewhere/file"');
      for (const argv of USING) {
        const { exitCode, stderr } = await on(disk, argv);
        expect([exitCode, stderr], argv.join(' ')).toEqual([
          8,
          expect.stringMatching(/is a mount point\n.*mount the directory/),
        ]);
      }
      expect(readdirSync(disk.view).sort()).toEqual(['elsewhere', 's.db']);
    } finally {
      disk.remove();
    }
  });
});

describe('a backup that is mounted as a single file', () => {
  it('is not replaced, which is found out first', async () => {
    const disk = await fileMount('b.db');
    try {
      copyFileSync(place.output('backup.db'), `${disk.view}/elsewhere/file`);
      const { exitCode, stderr } = await on(disk, ['store', 'backup', '@/b.db', '--force']);
      expect([exitCode, stderr]).toEqual([
        5,
        expect.stringMatching(/is a mount point\n.*mount the directory/),
      ]);
      expect(readdirSync(disk.view).sort()).toEqual(['b.db', 'elsewhere']);
    } finally {
      disk.remove();
    }
  });
});
