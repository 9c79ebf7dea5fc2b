import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { injecting, traced } from '../../support/faults/faulty-calls.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { privateMount } from '../../support/faults/private-mount.js';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { credctl, documentOf, type Ended, PROGRAM, runIn } from '../../support/program/real-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import { faultsIn, probing, verdictOn } from '../../support/stores/store-probe.js';

let settled: Settled;
let place: Workplace;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

afterAll(() => settled.place.remove());

beforeEach(() => {
  place = settled.place.copy();
  return () => place.remove();
});

interface CopyReport {
  readonly copy: { readonly resumed: boolean; readonly credentials: number; readonly events: number };
}

/** Runs a copy that is killed at the n-th call of a kind, unless it ends before that. */
function killedAt(call: string, n: number, argv: readonly string[], env = {}): Promise<Ended> {
  return traced(place, [...argv, '--json'], injecting({ call, n }, 'signal=SIGKILL'), { env });
}

/** Everything the store says of itself, in the form of its documents. */
async function listed(flags: readonly string[], env = {}): Promise<readonly string[]> {
  const commands = [
    ['list', '--json'],
    ['owner', 'list'],
    ['catalog', 'show'],
    ['store', 'check'],
  ];
  const answers: string[] = [];
  for (const argv of commands)
    answers.push(mustSucceed(await credctl(place, [...argv, ...flags], { env })).stdout);
  const trail = mustSucceed(await credctl(place, ['audit', 'export', ...flags], { env })).stdout;
  return [...answers, ...trail.split('\n').filter((line) => !line.includes('"store.copy.complete"'))];
}

/**
 * Copies until there is a copy, killed again and again, each time a little later.
 *
 * @returns how often it was killed
 */
async function copyDespite(call: string, step: number, to: string, env = {}): Promise<number> {
  const copy = ['store', 'copy', '--to', to];
  for (let kills = 0; ; kills += 1) {
    const ended = await killedAt(call, (kills + 1) * step, copy, env);
    if (ended.signal === null) {
      expect(documentOf<CopyReport>(mustSucceed(ended)).copy.resumed).toBe(true);
      return kills;
    }
    expect(ended.signal).toBe('SIGKILL');
    const present = await credctl(place, ['list', '--store', to], { env });
    expect([0, 8], present.stderr).toContain(present.exitCode);
    if (present.exitCode === 0) {
      // It had nothing left to do but to say so.
      expect((await credctl(place, copy, { env })).exitCode).toBe(5);
      return kills + 1;
    }
    // What is changed between two attempts is in the copy as well.
    mustSucceed(await credctl(place, ['edit', 'resident-key', '--label', `attempt=${kills}`]));
  }
}

describe('a copy that is killed again and again', () => {
  it('into a file comes about all the same, and holds what the store holds', async () => {
    const to = place.output('copy.db');
    expect(await copyDespite('/^f(data)?sync$', 3, to)).toBeGreaterThan(3);
    expect(readdirSync(place.outputs)).toEqual(['copy.db']);
    expect(await listed(['--store', to])).toEqual(await listed([]));
    await probing({ store: to }, async (probe) => {
      expect(await faultsIn(probe)).toEqual([]);
      for (const secret of Object.values(settled.secrets))
        expect(await verdictOn(probe, secret)).toBe('valid');
    });
  });

  it('into a database as well', async () => {
    const database = await POSTGRES_18.database();
    try {
      const url = new URL(database.url);
      const env = { PGPASSWORD: url.password };
      url.password = '';
      expect(await copyDespite('/^writev?$', 16, url.href, env)).toBeGreaterThan(3);
      expect(await listed(['--store', url.href], env)).toEqual(await listed([]));
      for (const secret of Object.values(settled.secrets)) {
        mustSucceed(await credctl(place, ['verify', '--store', url.href], { env, input: secret }));
      }
    } finally {
      await database.drop();
    }
  });
});

describe('a copy onto a disk', () => {
  it('that is full is exit 8 and leaves nothing, and the same command makes it once there is space', async () => {
    const disk = await privateMount(2_048);
    try {
      const to = join(disk.directory, 'copy.db');
      const argv = ['store', 'copy', '--to', to];
      const run = (args: readonly string[]) =>
        runIn(place, disk.inside([process.execPath, PROGRAM, ...args]));
      disk.sh('head -c 1700k /dev/zero > "$1/filler"');
      const full = await run(argv);
      expect(full, full.stderr).toMatchObject({ exitCode: 8 });
      expect(full.stderr).toMatch(
        /^credctl: no space left for [^\n]*copy\.db\nhint: [^\n]*free some disk space[^\n]*\n$/,
      );
      expect(readdirSync(disk.view)).toEqual(['filler']);
      disk.sh('rm "$1/filler"');
      mustSucceed(await run(argv));
      expect(readdirSync(disk.view)).toEqual(['copy.db']);
      mustSucceed(await run(['store', 'check', '--store', to]));
    } finally {
      disk.remove();
    }
  });

  it('that is read-only is exit 8', async () => {
    const disk = await privateMount(256);
    try {
      disk.sh('mount -o remount,ro "$1"');
      const argv = ['store', 'copy', '--to', join(disk.directory, 'copy.db')];
      const ended = await runIn(place, disk.inside([process.execPath, PROGRAM, ...argv]));
      expect(ended, ended.stderr).toMatchObject({ exitCode: 8 });
      expect(ended.stderr).toContain('(EROFS)');
    } finally {
      disk.remove();
    }
  });
});
