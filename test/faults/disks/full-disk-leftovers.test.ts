import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultSample } from '../../support/faults/fault-numbers.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { mountPrivately, type PrivateMount } from '../../support/faults/private-mount.js';
import { credctl, PROGRAM, runIn } from '../../support/program/real-program.js';
import { MEMORY } from '../../support/program/workplace.js';

let settled: Settled;
let backup: string;

beforeAll(async () => {
  settled = await settle(MEMORY);
  backup = settled.place.output('backup.db');
  mustSucceed(await credctl(settled.place, ['store', 'backup', backup]));
});

afterAll(() => settled.place.remove());

/** What lies on the disk beforehand, what is run there, and what comes about. */
interface Work {
  readonly present: readonly string[];
  /** What the files beforehand are copies of: a backup, or the store itself. */
  readonly of?: 'store';
  argv(directory: string): readonly string[];
  readonly made: string;
}

const NEW = ['--hash', 'sha256'];

const WORKS: Readonly<Record<string, Work>> = {
  'store init': {
    present: [],
    argv: (at) => ['store', 'init', ...NEW, '--store', join(at, 'a.db')],
    made: 'a.db',
  },
  'store init in new directories': {
    present: [],
    argv: (at) => ['store', 'init', ...NEW, '--store', join(at, 'deep/down/a.db')],
    made: 'deep/down/a.db',
  },
  'store copy': {
    present: [],
    argv: (at) => ['store', 'copy', '--to', join(at, 'deep/a.db')],
    made: 'deep/a.db',
  },
  'store backup': { present: [], argv: (at) => ['store', 'backup', join(at, 'a.db')], made: 'a.db' },
  'store restore to a new place': {
    present: [],
    argv: (at) => ['store', 'restore', backup, '--store', join(at, 'deep/a.db')],
    made: 'deep/a.db',
  },
  'store restore over a store': {
    present: ['s.db'],
    argv: (at) => ['store', 'restore', backup, '--force', '--yes', '--store', join(at, 's.db')],
    made: 's.db',
  },
  'store adopt': {
    present: ['s.db'],
    of: 'store',
    argv: (at) => ['store', 'adopt', '--store', join(at, 's.db')],
    made: 's.db',
  },
};

function mountOf(options: string): Promise<PrivateMount> {
  return mountPrivately(`mount -t tmpfs -o ${options},mode=700 tmpfs "$1"`);
}

/** SQLite's own files beside a store that was there before are part of it. */
function entriesOf(disk: PrivateMount): readonly string[] {
  return readdirSync(disk.view, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/^(?:filler|s\.db-(?:wal|shm))$/.test(name))
    .sort();
}

async function exitCodeOn(disk: PrivateMount, { present, of, argv, made }: Work, prepare: () => void) {
  try {
    for (const name of present)
      copyFileSync(of === 'store' ? settled.place.store : backup, join(disk.view, name));
    prepare();
    const before = entriesOf(disk);
    const command = disk.inside([process.execPath, PROGRAM, ...argv(disk.directory)]);
    const { exitCode, stdout, stderr } = await runIn(settled.place, command);
    if (exitCode === 0) {
      expect(entriesOf(disk)).toContain(made);
      return exitCode;
    }
    expect(stdout).toBe('');
    // A restore first says what it is about to do.
    expect(stderr).toMatch(
      /(?:^|\n)credctl: no space left for [^\n]*\/[as]\.db\nhint: [^\n]*free some disk space[^\n]*\n$/,
    );
    expect(entriesOf(disk)).toEqual(before);
    return exitCode;
  } finally {
    disk.remove();
  }
}

describe.each(Object.entries(WORKS))('%s', (_, work) => {
  it('on a disk with any amount of space is done, or is exit 8, says that it is full and leaves nothing', async () => {
    const room = faultSample([0, 4, 12, 100, ...times(10).map((n) => 168 + n * 12), 900], 4);
    const exitCodes = await concurrently(room, async (kilobytes) => {
      const disk = await mountOf('size=2m');
      return exitCodeOn(disk, work, () => {
        disk.fill();
        disk.sh(`truncate -s -${kilobytes}k "$1/filler"`);
      });
    });
    expect(new Set(exitCodes)).toEqual(new Set([0, 8]));
  });

  it('on a disk with any number of inodes as well', async () => {
    const exitCodes = await concurrently(faultSample(times(10), 4), async (inodes) => {
      const disk = await mountOf(`size=4m,nr_inodes=${2 + work.present.length + inodes}`);
      return exitCodeOn(disk, work, () => {
        if (inodes === 0) disk.sh(': > "$1/filler"');
      });
    });
    expect(new Set(exitCodes)).toEqual(new Set([0, 8]));
  });
});
