import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { concurrently, times } from '../support/concurrently.js';
import { mustSucceed, type Settled, settle } from '../support/interrupted-delivery.js';
import { privateMount } from '../support/private-mount.js';
import { credctl, type Ended, PROGRAM, runIn } from '../support/real-program.js';
import { faultsIn, probing, verdictOn } from '../support/store-probe.js';
import { MEMORY, makeWorkplace, type Workplace } from '../support/workplace.js';
import '../support/patience.js';

/** The calls by which a backup changes the disk, as strace matches them; it counts each kind by itself. */
const CALLS = [
  ...['/^fsync$', '/^fdatasync$', '/^link(at)?$', '/^rename(at2?)?$'],
  ...['/^pwrite64$', '/^mkdir(at)?$', '/^unlink(at)?$', '/^rmdir$'],
];

/** Of the many calls of a kind, so many are tried. */
const TRIED = 10;

let settled: Settled;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

afterAll(() => settled.place.remove());

let place: Workplace;

beforeEach(() => {
  place = settled.place.copy();
  return () => place.remove();
});

interface Injection {
  readonly call: string;
  readonly n: number;
}

function traced(of: Workplace, argv: readonly string[], flags: readonly string[]): Promise<Ended> {
  const trace = ['strace', '-f', '-qq', '-o', logOf(of), ...flags];
  return runIn(of, [...trace, process.execPath, PROGRAM, ...argv]);
}

function logOf({ root }: Workplace): string {
  return join(root, 'tmp', 'strace.log');
}

async function injections(
  argv: (of: Workplace) => readonly string[],
  prepare?: (of: Workplace) => Promise<void>,
) {
  const perCall = await concurrently(CALLS, async (call): Promise<readonly Injection[]> => {
    const of = settled.place.copy();
    try {
      await prepare?.(of);
      mustSucceed(await traced(of, argv(of), ['-e', `trace=${call}`]));
      const lines = readFileSync(logOf(of), 'utf8').split('\n');
      const count = lines.filter((line) => line !== '' && !line.includes('resumed>')).length;
      const step = Math.max(1, count / TRIED);
      return times(Math.min(count, TRIED)).map((n) => ({ call, n: Math.floor(n * step) + 1 }));
    } finally {
      of.remove();
    }
  });
  return perCall.flat();
}

/** The secrets of the settled store are good in the store at a path, and it is sound. */
async function checkWhole(store: string): Promise<void> {
  await probing({ store }, async (probe) => {
    expect(await faultsIn(probe)).toEqual([]);
    for (const secret of Object.values(settled.secrets)) expect(await verdictOn(probe, secret)).toBe('valid');
  });
}

describe('a backup', () => {
  const FILE = 'b.db';
  const argv = (of: Workplace, ...flags: readonly string[]) => ['store', 'backup', of.output(FILE), ...flags];

  /** What has the name is complete; nothing else is there once another backup has been made. */
  async function checkOutcome(of: Workplace, old: Buffer | null): Promise<boolean> {
    await checkWhole(of.store);
    const files = readdirSync(of.outputs);
    for (const name of files.filter((entry) => entry !== FILE)) {
      expect(name).toMatch(/^\.b\.db\.\d+-[0-9a-f]{12}\.draft$/);
      expect(lstatSync(of.output(name)).mode & 0o777).toBe(0o700);
    }
    const isNew = files.includes(FILE) && !(old?.equals(readFileSync(of.output(FILE))) ?? false);
    if (files.includes(FILE) && isNew) await checkWhole(of.output(FILE));
    expect(files.includes(FILE) || old === null).toBe(true);
    mustSucceed(await credctl(of, argv(of, '--force')));
    expect(readdirSync(of.outputs)).toEqual([FILE]);
    return isNew;
  }

  it.each([
    ['a new file', false],
    ['a replaced file', true],
  ])(
    'that is killed at any call that changes the disk leaves all of %s, or nothing',
    async (_what, replaces) => {
      const prepare = async (of: Workplace) => {
        if (replaces) mustSucceed(await credctl(of, argv(of)));
      };
      const flags = replaces ? ['--force'] : [];
      const all = await injections((of) => argv(of, ...flags), prepare);
      const outcomes = await concurrently(all, async ({ call, n }) => {
        const of = settled.place.copy();
        try {
          await prepare(of);
          const old = replaces ? readFileSync(of.output(FILE)) : null;
          const inject = `inject=${call}:signal=SIGKILL:when=${n}`;
          const { signal } = await traced(of, argv(of, ...flags), ['-e', `trace=${call}`, '-e', inject]);
          expect([signal, `${call} ${n}`]).toEqual(['SIGKILL', `${call} ${n}`]);
          return await checkOutcome(of, old);
        } finally {
          of.remove();
        }
      });
      expect(new Set(outcomes)).toEqual(new Set([true, false]));
    },
  );

  it('that meets a fault at any call says so, and what its exit code claims is so', async () => {
    const exitCodes = await concurrently(await injections((of) => argv(of)), async ({ call, n }) => {
      const of = settled.place.copy();
      try {
        const inject = `inject=${call}:error=EIO:when=${n}`;
        const ended = await traced(of, argv(of), ['-e', `trace=${call}`, '-e', inject]);
        expect([0, 8], `${call} ${n}: ${ended.stderr}`).toContain(ended.exitCode);
        if (ended.exitCode !== 0) expect(ended.stderr).toMatch(/^credctl: [^\n]+\nhint: [^\n]+\n$/);
        if (ended.exitCode === 0) await checkWhole(of.output(FILE));
        await checkOutcome(of, null);
        return ended.exitCode;
      } finally {
        of.remove();
      }
    });
    expect(new Set(exitCodes)).toEqual(new Set([0, 8]));
  });

  it('onto a disk that is full, or read-only, is exit 8 and leaves nothing there', async () => {
    const disk = await privateMount(256);
    try {
      const file = join(disk.directory, FILE);
      const command = disk.inside([process.execPath, PROGRAM, 'store', 'backup', file]);
      disk.sh('head -c 100k /dev/zero > "$1/filler"');
      const full = await runIn(place, command);
      expect(full, full.stderr).toMatchObject({ exitCode: 8 });
      expect(full.stderr).toMatch(/^credctl: no space left for .*\nhint: free some disk space[^\n]*\n$/);
      expect(readdirSync(disk.view)).toEqual(['filler']);
      disk.sh('mount -o remount,ro "$1"');
      const readOnly = await runIn(place, command);
      expect(readOnly, readOnly.stderr).toMatchObject({ exitCode: 8 });
      expect(readOnly.stderr).toContain('(EROFS)');
      disk.sh('mount -o remount,rw "$1" && rm "$1/filler"');
      mustSucceed(await runIn(place, command));
      expect(readdirSync(disk.view)).toEqual([FILE]);
      await checkWhole(place.store);
    } finally {
      disk.remove();
    }
  });

  it('while others write is one moment of the store: every credential in it has its version and its event', async () => {
    const scope = ['--type', 'api-key', '--scope', 'data:conversations'];
    const work = [
      ...times(24).map((n) => ['create', `busy-${n}`, ...scope]),
      ...times(8).map((n) => ['store', 'backup', place.output(`b-${n}.db`)]),
    ];
    const ended = await concurrently(work, (args) => credctl(place, args));
    for (const { exitCode, stderr } of ended) expect(exitCode, stderr).toBe(0);
    const counts: number[] = [];
    for (const n of times(8)) {
      await checkWhole(place.output(`b-${n}.db`));
      await probing({ store: place.output(`b-${n}.db`) }, async ({ store }) => {
        counts.push((await store.statistics()).credentials);
      });
    }
    expect(counts).toHaveLength(8);
    await checkWhole(place.store);
  });

  it('to one name by many at once: one wins, the others are told, nothing is left over', async () => {
    const ended = await concurrently(times(8), () => credctl(place, argv(place)));
    expect(ended.map(({ exitCode }) => exitCode).sort()).toEqual([0, 5, 5, 5, 5, 5, 5, 5]);
    expect(readdirSync(place.outputs)).toEqual([FILE]);
    await checkWhole(place.output(FILE));
  });

  it('takes no name that is taken, where files cannot have second names either', async () => {
    const noLinks = ['-e', 'trace=/^link(at)?$', '-e', 'inject=/^link(at)?$:error=EPERM'];
    const ended = await concurrently(times(4), (n) => {
      const log = place.output(`../tmp/strace-${n}.log`);
      const trace = ['strace', '-f', '-qq', '-o', log, ...noLinks];
      return runIn(place, [...trace, process.execPath, PROGRAM, ...argv(place)]);
    });
    expect(ended.map(({ exitCode }) => exitCode).sort()).toEqual([0, 5, 5, 5]);
    expect(readdirSync(place.outputs)).toEqual([FILE]);
    await checkWhole(place.output(FILE));
  });

  it('is for its owner alone from the first byte, whatever the umask', async () => {
    const calls = 'open,openat,creat,mkdir,mkdirat,chmod,fchmod,fchmodat,link,linkat,rename';
    const trace = ['strace', '-f', '-qq', '-s', '4096', '-e', `trace=${calls}`, '-o', logOf(place)];
    const command = [
      'sh',
      '-c',
      'umask 000; exec "$@"',
      'sh',
      ...trace,
      process.execPath,
      PROGRAM,
      ...argv(place),
    ];
    mustSucceed(await runIn(place, command));
    const made = readFileSync(logOf(place), 'utf8')
      .split('\n')
      .filter((line) => line.includes(place.outputs) && /O_CREAT|mkdir|chmod/.test(line));
    const [directory = '', file = '', ...later] = made;
    expect(directory).toMatch(/mkdir.*\.draft", 0700\)/);
    expect(file).toMatch(/draft\.db", O_RDWR\|O_CREAT\|O_EXCL\|O_CLOEXEC, 0600\)/);
    // SQLite opens the file that is there by then; whatever else it makes stays in the closed directory.
    for (const line of later) expect(line).toContain('.draft/draft.db');
    expect(lstatSync(place.output(FILE)).mode & 0o777).toBe(0o600);
  });
});

describe('a restore', () => {
  const argv = (of: Workplace) => ['store', 'restore', of.output('b.db'), '--force', '--yes', '--trust'];

  const SITUATIONS: readonly (readonly [string, (of: Workplace) => Promise<void>])[] = [
    ['into a sound store', async () => {}],
    ['where there is none', async (of) => rmSync(of.store)],
    [
      'over a damaged store',
      async (of) => {
        const { default: Database } = await import('better-sqlite3');
        const database = new Database(of.store);
        database.exec("update audit_event set actor = 'mallory' where seq = 2");
        database.close();
      },
    ],
  ];

  /** Backs up, then takes something away that must not come back. */
  async function prepare(of: Workplace, spoil: (of: Workplace) => Promise<void>): Promise<void> {
    mustSucceed(await credctl(of, ['store', 'backup', of.output('b.db')]));
    const issue = ['create', 'since', '--type', 'api-key', '--scope', 'data:conversations'];
    mustSucceed(await credctl(of, issue));
    await spoil(of);
  }

  it.each(SITUATIONS)(
    '%s that is killed at any call leaves the old store or the new one',
    async (what, spoil) => {
      const all = await injections(argv, (of) => prepare(of, spoil));
      const outcomes = await concurrently(all, async ({ call, n }) => {
        const of = settled.place.copy();
        try {
          await prepare(of, spoil);
          const inject = `inject=${call}:signal=SIGKILL:when=${n}`;
          const { signal } = await traced(of, argv(of), ['-e', `trace=${call}`, '-e', inject]);
          expect([signal, `${call} ${n}`]).toEqual(['SIGKILL', `${call} ${n}`]);
          const present = await credctl(of, ['store', 'info', '--store', of.store]);
          if (what === 'where there is none') expect([0, 8]).toContain(present.exitCode);
          else expect(present.exitCode, present.stderr).toBe(0);
          const isRestored = present.exitCode === 0 && present.stdout.includes('credentials: 2\n');
          if (isRestored) await checkWhole(of.store);
          // Whatever was left, the same command completes it, and tidies up.
          mustSucceed(await credctl(of, argv(of)));
          await checkWhole(of.store);
          expect(readdirSync(of.storeDirectory).filter((name) => name.startsWith('.'))).toEqual([]);
          return isRestored;
        } finally {
          of.remove();
        }
      });
      expect(new Set(outcomes)).toEqual(new Set([true, false]));
    },
  );

  it('on a disk that is full changes nothing', async () => {
    const disk = await privateMount(1_024);
    try {
      await prepare(place, async () => {});
      copyFileSync(place.store, join(disk.view, 'credctl.db'));
      disk.fill();
      const flags = ['--store', join(disk.directory, 'credctl.db')];
      const run = (args: readonly string[]) =>
        runIn(place, disk.inside([process.execPath, PROGRAM, ...args, ...flags]));
      const ended = await run(argv(place));
      expect(ended, ended.stderr).toMatchObject({ exitCode: 8 });
      disk.sh('rm "$1/filler"');
      expect((await run(['list'])).stdout).toContain('since\t');
      expect(readdirSync(disk.view)).toEqual(['credctl.db']);
      mustSucceed(await run(argv(place)));
      expect((await run(['list'])).stdout).not.toContain('since\t');
    } finally {
      disk.remove();
    }
  });

  it('while others use the store loses none of their writes: each is in the store, or was told off', async () => {
    await prepare(place, async () => {});
    const scope = ['--type', 'api-key', '--scope', 'data:conversations'];
    const work = [
      ...times(10).map((n) => ['create', `busy-${n}`, ...scope]),
      argv(place),
      ...times(10).map((n) => ['edit', 'resident-key', '--label', `n${n}=1`]),
    ];
    const ended = await concurrently(work, (args) => credctl(place, args));
    // A create whose credential the restore deleted before it was confirmed is told so.
    for (const { exitCode, stderr } of ended) expect([0, 7], stderr).toContain(exitCode);
    await checkWhole(place.store);
    const trail = mustSucceed(await credctl(place, ['audit', 'export'])).stdout;
    expect(trail.split('"credential.edit"').length - 1).toBe(10);
    expect(trail.split('"credential.create"').length - 1).toBe(13);
  });

  it('over a damaged store that another process has open is refused, and changes nothing', async () => {
    const { default: Database } = await import('better-sqlite3');
    await prepare(place, SITUATIONS[2]?.[1] ?? (async () => {}));
    const server = new Database(place.store);
    server.prepare('select * from store').all();
    const before = readdirSync(place.storeDirectory);
    const ended = await credctl(place, argv(place));
    expect(ended, ended.stderr).toMatchObject({ exitCode: 8 });
    expect(ended.stderr).toContain('another process has');
    expect(readdirSync(place.storeDirectory).sort()).toEqual(before.sort());
    server.close();
    mustSucceed(await credctl(place, argv(place)));
    await checkWhole(place.store);
  });

  it('over a damaged store by two at once: one replaces it, the other replaces nothing of that', async () => {
    await prepare(place, SITUATIONS[2]?.[1] ?? (async () => {}));
    const ended = await concurrently(times(4), () => credctl(place, argv(place)));
    for (const { exitCode, stderr } of ended) expect([0, 5, 8], stderr).toContain(exitCode);
    expect(ended.some(({ exitCode }) => exitCode === 0)).toBe(true);
    await checkWhole(place.store);
    const trail = mustSucceed(await credctl(place, ['audit', 'list', '--action', 'store.restore'])).stdout;
    const restores = trail.split('\tstore.restore\t').length - 1;
    expect(restores).toBe(ended.filter(({ exitCode }) => exitCode === 0).length);
    expect(readdirSync(place.storeDirectory).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it.each(SITUATIONS)('%s needs no second names of files', async (_what, spoil) => {
    const noLinks = ['-e', 'trace=/^link(at)?$', '-e', 'inject=/^link(at)?$:error=EPERM'];
    mustSucceed(await traced(place, ['store', 'backup', place.output('b.db')], noLinks));
    await spoil(place);
    mustSucceed(await traced(place, argv(place), noLinks));
    await checkWhole(place.store);
    expect(readdirSync(place.storeDirectory).every((name) => name.startsWith('credctl.db'))).toBe(true);
    expect(readdirSync(place.outputs)).toEqual(['b.db']);
  });

  it('whose store takes the name of another: who has that one open is told at the next write', async () => {
    await probing(place, async (probe) => {
      const other = makeWorkplace(MEMORY);
      try {
        mkdirSync(other.storeDirectory, { mode: 0o700 });
        rmSync(place.store);
        copyFileSync(settled.place.store, place.store);
        const write = probe.store.write(async (tx) => tx.settings());
        await expect(write).rejects.toMatchObject({ code: 'store_unavailable' });
        await expect(write).rejects.toThrow('was replaced while this command had it open');
      } finally {
        other.remove();
      }
    });
  });
});
