import { copyFileSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { callLog, injecting, NO_LINKS, traced } from '../../support/faults/faulty-calls.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { privateMount } from '../../support/faults/private-mount.js';
import { credctl, PROGRAM, runIn } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { diskCallsOf, expectWhole, inCopyOf } from '../../support/stores/settled-copies.js';
import { probing } from '../../support/stores/store-probe.js';

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

describe('a backup', () => {
  const FILE = 'b.db';
  const argv = (of: Workplace, ...flags: readonly string[]) => ['store', 'backup', of.output(FILE), ...flags];

  /** Looked at in a copy: what notes a use makes a backup one that was used since. */
  async function expectGood(of: Workplace): Promise<void> {
    const copy = join(of.root, 'tmp', 'looked-at.db');
    copyFileSync(of.output(FILE), copy);
    await expectWhole(copy, settled);
  }

  /** What has the name is complete; nothing else is there once another backup has been made. */
  async function checkOutcome(of: Workplace, old: Buffer | null): Promise<boolean> {
    await expectWhole(of.store, settled);
    const files = readdirSync(of.outputs);
    for (const name of files.filter((entry) => entry !== FILE)) {
      expect(name).toMatch(/^\.b\.db\.credctl-[0-9a-f]{10}-\d+-\d+-[0-9a-f]{12}\.draft$/);
      expect(lstatSync(of.output(name)).mode & 0o777).toBe(0o700);
    }
    const isNew = files.includes(FILE) && !(old?.equals(readFileSync(of.output(FILE))) ?? false);
    if (files.includes(FILE) && isNew) await expectGood(of);
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
      const all = await diskCallsOf(settled, (of) => argv(of, ...flags), prepare);
      const outcomes = await concurrently(all, (at) =>
        inCopyOf(settled, async (of) => {
          await prepare(of);
          const old = replaces ? readFileSync(of.output(FILE)) : null;
          const { signal } = await traced(of, argv(of, ...flags), injecting(at, 'signal=SIGKILL'));
          expect({ signal, at }).toEqual({ signal: 'SIGKILL', at });
          return await checkOutcome(of, old);
        }),
      );
      expect(new Set(outcomes)).toEqual(new Set([true, false]));
    },
  );

  it('that meets a fault at any call says so, and what its exit code claims is so', async () => {
    const all = await diskCallsOf(settled, argv, async () => {});
    const exitCodes = await concurrently(all, (at) =>
      inCopyOf(settled, async (of) => {
        const ended = await traced(of, argv(of), injecting(at, 'error=EIO'));
        expect([0, 8], `${at.call} ${at.n}: ${ended.stderr}`).toContain(ended.exitCode);
        if (ended.exitCode !== 0) expect(ended.stderr).toMatch(/^credctl: [^\n]+\nhint: [^\n]+\n$/);
        if (ended.exitCode === 0) await expectGood(of);
        await checkOutcome(of, null);
        return ended.exitCode;
      }),
    );
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
      expect(full.stderr).toMatch(
        /^credctl: no space left for .*\nhint: [^\n]*free some disk space[^\n]*\n$/,
      );
      expect(readdirSync(disk.view)).toEqual(['filler']);
      disk.sh('mount -o remount,ro "$1"');
      const readOnly = await runIn(place, command);
      expect(readOnly, readOnly.stderr).toMatchObject({ exitCode: 8 });
      expect(readOnly.stderr).toContain('(EROFS)');
      disk.sh('mount -o remount,rw "$1" && rm "$1/filler"');
      mustSucceed(await runIn(place, command));
      expect(readdirSync(disk.view)).toEqual([FILE]);
      await expectWhole(place.store, settled);
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
      await expectWhole(place.output(`b-${n}.db`), settled);
      await probing({ store: place.output(`b-${n}.db`) }, async ({ store }) => {
        counts.push((await store.statistics()).credentials);
      });
    }
    expect(counts).toHaveLength(8);
    await expectWhole(place.store, settled);
  });

  it('to one name by many at once: one wins, the others are told, nothing is left over', async () => {
    const ended = await concurrently(times(8), () => credctl(place, argv(place)));
    expect(ended.map(({ exitCode }) => exitCode).sort()).toEqual([0, 5, 5, 5, 5, 5, 5, 5]);
    expect(readdirSync(place.outputs)).toEqual([FILE]);
    await expectWhole(place.output(FILE), settled);
  });

  it('takes no name that is taken, where files cannot have second names either', async () => {
    const ended = await concurrently(times(4), (n) =>
      traced(place, argv(place), NO_LINKS, { log: place.output(`../tmp/strace-${n}.log`) }),
    );
    expect(ended.map(({ exitCode }) => exitCode).sort()).toEqual([0, 5, 5, 5]);
    expect(readdirSync(place.outputs)).toEqual([FILE]);
    await expectWhole(place.output(FILE), settled);
  });

  it('is for its owner alone from the first byte, whatever the umask', async () => {
    const calls = 'open,openat,creat,mkdir,mkdirat,chmod,fchmod,fchmodat,link,linkat,rename';
    const trace = [
      ...['strace', '-f', '--seccomp-bpf', '-qq', '-s', '4096'],
      ...['-e', `trace=${calls}`, '-o', callLog(place)],
    ];
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
    const made = readFileSync(callLog(place), 'utf8')
      .split('\n')
      .filter((line) => line.includes(place.outputs) && /O_CREAT|mkdir|chmod/.test(line));
    const [directory = '', file = '', ...later] = made;
    expect(directory).toMatch(/mkdir.*\.draft", 0700\)/);
    expect(file).toMatch(/draft\.db", O_RDWR\|O_CREAT\|O_EXCL\|O_NOFOLLOW\|O_CLOEXEC, 0600\)/);
    // SQLite opens the file that is there by then; whatever else it makes stays in the closed directory.
    for (const line of later) expect(line).toContain('.draft/draft.db');
    expect(lstatSync(place.output(FILE)).mode & 0o777).toBe(0o600);
  });
});
