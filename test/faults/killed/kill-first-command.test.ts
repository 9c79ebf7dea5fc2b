import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concurrently } from '../../support/faults/concurrently.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import { credctlKilledAfter, measureRun, spreadOver } from '../../support/faults/killed-at-random.js';
import { credctl, PROGRAM, runIn } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { faultsIn, onlySecretIn, probing, verdictOn } from '../../support/stores/store-probe.js';

const KILLS = faultNumber(60);
const FIRST = ['create', 'first', '--type', 'api-key', '--scope', 'data:conversations'];
const NEXT = ['create', 'next', '--type', 'api-key', '--scope', 'data:conversations'];

describe('kill -9 while the first command makes the store', () => {
  it(`at ${KILLS} random moments leaves no store or a complete one, and nothing else once the next has run`, async () => {
    const length = await measureRun(() => killFirst(null));
    const found = new Set(await concurrently(spreadOver(length, KILLS), killFirst));
    // Under load a run takes longer than the one that was measured alone.
    for (let reach = 2 * length; found.size < 2 && reach <= 16 * length; reach *= 2) {
      for (const had of await concurrently(spreadOver(reach, KILLS), killFirst)) found.add(had);
    }
    expect(found.size, 'killed before and after the store got its name').toBe(2);
  });

  it('at each file that it removes leaves nothing else once the next has run', async () => {
    const removals = await inPlace((place) => removalsOf(place, []));
    expect(removals).toBeGreaterThan(0);
    const nth = Array.from({ length: removals }, (_, index) => index + 1);
    await concurrently(nth, (n) =>
      inPlace(async (place) => {
        await removalsOf(place, ['-e', `inject=/^unlink(at)?$:signal=SIGKILL:when=${n}`]);
        await checkNext(place);
      }),
    );
  });

  /** Kills the first command at a moment; answers whether the store had its name by then. */
  function killFirst(moment: number | null): Promise<boolean> {
    return inPlace(async (place) => {
      await credctlKilledAfter(place, FIRST, moment);
      const hadStore = filesOf(place).includes('credctl.db');
      await checkNext(place);
      return hadStore;
    });
  }

  /** How many files the first command removes, as strace sees it. */
  async function removalsOf(place: Workplace, flags: readonly string[]): Promise<number> {
    const log = join(place.root, 'strace.log');
    const trace = ['strace', '-f', '-qq', '-o', log, '-e', 'trace=/^unlink(at)?$', ...flags];
    await runIn(place, [...trace, process.execPath, PROGRAM, ...FIRST]);
    return [...readFileSync(log, 'utf8').matchAll(/\bunlink(at)?\(/g)].length;
  }

  async function checkNext(place: Workplace): Promise<void> {
    const next = await credctl(place, NEXT);
    expect(next.exitCode, next.stderr).toBe(0);
    await probing(place, async (probe) => {
      expect(await verdictOn(probe, onlySecretIn(next.stdout))).toBe('valid');
      expect(await faultsIn(probe)).toEqual([]);
    });
    expect(filesOf(place)).toEqual(['credctl.db']);
  }
});

/** Works in a place whose first store hashes with SHA-256. */
async function inPlace<Result>(work: (place: Workplace) => Promise<Result>): Promise<Result> {
  const place = makeWorkplace();
  try {
    const directory = join(place.env['XDG_CONFIG_HOME'] ?? '', 'credctl');
    mkdirSync(directory);
    writeFileSync(join(directory, 'config.toml'), 'hash = "sha256"\n');
    return await work(place);
  } finally {
    place.remove();
  }
}

function filesOf(place: Workplace): readonly string[] {
  try {
    return readdirSync(place.storeDirectory);
  } catch {
    return [];
  }
}
