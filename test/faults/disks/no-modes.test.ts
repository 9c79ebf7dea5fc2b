import { readdirSync, statSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fileMount, ntfsMount } from '../../support/faults/file-systems.js';
import type { PrivateMount } from '../../support/faults/private-mount.js';
import { type Ended, PROGRAM, runIn } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';

const KEY = ['--type', 'api-key', '--scope', 'data:users'];

let place: Workplace;

beforeEach(async () => {
  place = makeWorkplace();
  await credctl(null, 'store', 'init', '--hash', 'sha256');
  await credctl(null, 'create', 'app', ...KEY);
  return () => place.remove();
});

const credctl = (disk: PrivateMount | null, ...argv: readonly string[]): Promise<Ended> => {
  const command = [process.execPath, PROGRAM, ...argv];
  return runIn(place, disk === null ? command : disk.inside(command));
};

/** Everything there is to see of the store's credentials. */
const state = async () => (await credctl(null, 'list', '--json')).stdout;

describe('on a file system that keeps no modes', () => {
  let disk: PrivateMount;

  beforeAll(async () => {
    disk = await ntfsMount();
  });

  afterAll(() => disk.remove());

  it.each<readonly [string, readonly string[]]>([
    ['create --output', ['create', 'b', ...KEY, '--output', 'key']],
    ['rotate --output', ['rotate', 'app', '--now', '--output', 'key']],
    ['rotate --output --force', ['rotate', 'app', '--now', '--output', 'key', '--force']],
    ['rotate --due --output-dir', ['rotate', '--due', '--output-dir', '.']],
  ])('%s hands nothing over, and issues nothing', async (_what, argv) => {
    const before = await state();
    const named = argv.map((word) => (['key', '.'].includes(word) ? `${disk.directory}/${word}` : word));
    const ended = await credctl(disk, ...named);
    expect([ended.exitCode, ended.stderr]).toEqual([
      6,
      expect.stringMatching(/file system (?:has no|without) permissions/),
    ]);
    expect([await state(), ended.stdout, readdirSync(disk.view)]).toEqual([before, '', []]);
  });

  it('a file that is there is not replaced, and stays as it is', async () => {
    disk.sh('echo mine > "$1/key"');
    const ended = await credctl(
      disk,
      'rotate',
      'app',
      '--now',
      '--output',
      `${disk.directory}/key`,
      '--force',
    );
    expect([ended.exitCode, ended.stderr]).toEqual([
      6,
      expect.stringMatching(/file system (?:has no|without) permissions/),
    ]);
    expect([readdirSync(disk.view), statSync(`${disk.view}/key`).size]).toEqual([['key'], 5]);
    disk.sh('rm "$1/key"');
  });
});

describe('a file that is mounted at its name', () => {
  let disk: PrivateMount;

  beforeAll(async () => {
    disk = await fileMount('key');
  });

  afterAll(() => disk.remove());

  it.each([[[]], [['--force']]])('is refused before anything is issued (with %j)', async (flags) => {
    const before = await state();
    const ended = await credctl(
      disk,
      'rotate',
      'app',
      '--now',
      '--output',
      `${disk.directory}/key`,
      ...flags,
    );
    expect([ended.exitCode, ended.stderr]).toEqual([
      6,
      expect.stringMatching(/is a mount point\n.*mount the directory/),
    ]);
    expect([await state(), readdirSync(disk.view).sort()]).toEqual([before, ['elsewhere', 'key']]);
  });
});

describe.runIf(process.geteuid?.() === 0)('on a file system with the same rights for every file', () => {
  const inside = async (options: string, work: (disk: PrivateMount) => Promise<void>): Promise<void> => {
    const disk = await ntfsMount(options);
    try {
      await work(disk);
    } finally {
      disk.remove();
    }
  };

  it('that let in this user alone, a secret is written, and replaced', () =>
    inside('umask=077', async (disk) => {
      for (const flags of [[], ['--force']]) {
        const key = `${disk.directory}/key`;
        const ended = await credctl(disk, 'rotate', 'app', '--now', '--output', key, ...flags);
        expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
        expect((statSync(`${disk.view}/key`).mode & 0o077).toString(8)).toBe('0');
      }
    }));

  it('that let in another user alone, nothing is handed over', () =>
    inside('umask=077,uid=12345', async (disk) => {
      const ended = await credctl(disk, 'rotate', 'app', '--now', '--output', `${disk.directory}/key`);
      expect([ended.exitCode, ended.stderr]).toEqual([
        6,
        expect.stringMatching(/belong to another user on this file system/),
      ]);
      expect(readdirSync(disk.view)).toEqual([]);
    }));
});
