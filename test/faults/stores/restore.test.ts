import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { injecting, NO_LINKS, traced } from '../../support/faults/faulty-calls.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { privateMount } from '../../support/faults/private-mount.js';
import { credctl, PROGRAM, runIn } from '../../support/program/real-program.js';
import { MEMORY, makeWorkplace, type Workplace } from '../../support/program/workplace.js';
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
      const all = await diskCallsOf(settled, argv, (of) => prepare(of, spoil));
      const outcomes = await concurrently(all, (at) =>
        inCopyOf(settled, async (of) => {
          await prepare(of, spoil);
          const { signal } = await traced(of, argv(of), injecting(at, 'signal=SIGKILL'));
          expect({ signal, at }).toEqual({ signal: 'SIGKILL', at });
          const present = await credctl(of, ['store', 'info', '--store', of.store]);
          if (what === 'where there is none') expect([0, 8]).toContain(present.exitCode);
          else expect(present.exitCode, present.stderr).toBe(0);
          const isRestored = present.exitCode === 0 && present.stdout.includes('credentials: 2\n');
          if (isRestored) await expectWhole(of.store, settled);
          // Whatever was left, the same command completes it, and tidies up.
          mustSucceed(await credctl(of, argv(of)));
          await expectWhole(of.store, settled);
          expect(readdirSync(of.storeDirectory).filter((name) => name.startsWith('.'))).toEqual([]);
          return isRestored;
        }),
      );
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
    await expectWhole(place.store, settled);
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
    await expectWhole(place.store, settled);
  });

  it('over a damaged store by two at once: one replaces it, the other replaces nothing of that', async () => {
    await prepare(place, SITUATIONS[2]?.[1] ?? (async () => {}));
    const ended = await concurrently(times(4), () => credctl(place, argv(place)));
    for (const { exitCode, stderr } of ended) expect([0, 5, 8], stderr).toContain(exitCode);
    expect(ended.some(({ exitCode }) => exitCode === 0)).toBe(true);
    await expectWhole(place.store, settled);
    const trail = mustSucceed(await credctl(place, ['audit', 'list', '--action', 'store.restore'])).stdout;
    const restores = trail.split('\tstore.restore\t').length - 1;
    expect(restores).toBe(ended.filter(({ exitCode }) => exitCode === 0).length);
    expect(readdirSync(place.storeDirectory).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it.each(SITUATIONS)('%s needs no second names of files', async (_what, spoil) => {
    mustSucceed(await traced(place, ['store', 'backup', place.output('b.db')], NO_LINKS));
    await spoil(place);
    mustSucceed(await traced(place, argv(place), NO_LINKS));
    await expectWhole(place.store, settled);
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
