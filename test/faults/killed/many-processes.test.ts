import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS, expectNothingLost, SHARED, work } from '../../support/faults/busy-worker.js';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { credctl } from '../../support/program/real-program.js';
import { type Barrier, barrier } from '../../support/program/start-together.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { faultsIn, onlySecretIn, probing, verdictOn } from '../../support/stores/store-probe.js';

const PROCESSES = 16;
const CREATE = ['--type', 'api-key', '--scope', 'data:conversations'];

/** Runs all at once, whatever the number of processors. */
function atOnce<Result>(run: (n: number) => Promise<Result>): Promise<Result[]> {
  return concurrently(times(PROCESSES), run, PROCESSES);
}

describe(`${PROCESSES} processes on one store`, () => {
  let settled: Settled;
  let place: Workplace;
  let together: Barrier;

  beforeAll(async () => {
    together = await barrier();
  });

  afterAll(() => together.remove());

  beforeEach(async () => {
    settled = await settle();
    place = settled.place;
  });

  afterEach(() => place.remove());

  it(`give ${COMMANDS} mixed commands each: none is refused as busy, nothing is lost, the chain is intact`, async () => {
    mustSucceed(await credctl(place, ['create', SHARED, ...CREATE]));
    const before = await eventsIn(place);
    const worked = await atOnce((n) => work(place, n));
    expect(worked.map(({ commands }) => commands)).toEqual(times(PROCESSES).map(() => COMMANDS));
    await probing(place, async (probe) => {
      await expectNothingLost(probe, worked, ['resident-client', 'resident-key']);
    });
    const added = { ...before };
    for (const { events } of worked) {
      for (const [action, count] of Object.entries(events)) added[action] = (added[action] ?? 0) + count;
    }
    expect(await eventsIn(place)).toEqual(added);
    expect(readdirSync(place.storeDirectory)).toEqual(['credctl.db']);
  });

  it.each(times(faultNumber(5)))(
    'that have all read the credential before one of them writes rotate it: one wins, fifteen exit 5 (round %i)',
    async () => {
      const ended = await together.run(place, PROCESSES, ['rotate', 'resident-key']);
      const winners = ended.filter(({ exitCode }) => exitCode === 0);
      const losers = ended.filter(({ exitCode }) => exitCode === 5);
      expect([winners.length, losers.length], ended.map(({ stderr }) => stderr).join()).toEqual([
        1,
        PROCESSES - 1,
      ]);
      for (const { stdout } of losers) expect(stdout).toBe('');
      await probing(place, async (probe) => {
        expect(await verdictOn(probe, onlySecretIn(winners[0]?.stdout ?? ''))).toBe('valid');
        expect(await verdictOn(probe, settled.secrets['api-key'])).toBe('valid');
        expect((await probe.store.findCredential('resident-key'))?.versions.length).toBe(2);
        expect(await faultsIn(probe)).toEqual([]);
      });
    },
  );

  it('create the same name: exactly one wins, fifteen exit 5', async () => {
    const ended = await atOnce(() => credctl(place, ['create', 'wanted', ...CREATE]));
    expect(ended.map(({ exitCode }) => exitCode).sort()).toEqual([0, ...times(PROCESSES - 1).map(() => 5)]);
    const [winner] = ended.filter(({ exitCode }) => exitCode === 0);
    await probing(place, async (probe) => {
      expect(await verdictOn(probe, onlySecretIn(winner?.stdout ?? ''))).toBe('valid');
      expect(await faultsIn(probe)).toEqual([]);
    });
  });
});

describe(`${PROCESSES} first commands at once`, () => {
  it.each(times(faultNumber(5)))('all succeed, with one store and nothing left over (round %i)', async () => {
    const place = makeWorkplace();
    try {
      const config = join(place.env['XDG_CONFIG_HOME'] ?? '', 'credctl');
      mkdirSync(config);
      writeFileSync(join(config, 'config.toml'), 'hash = "sha256"\n');
      const ended = await atOnce((n) => credctl(place, ['create', `first-${n}`, ...CREATE]));
      expect(ended.map(({ exitCode }) => exitCode)).toEqual(times(PROCESSES).map(() => 0));
      expect(ended.filter(({ stderr }) => stderr.includes('created the store')).length).toBe(1);
      await probing(place, async (probe) => {
        for (const { stdout } of ended) expect(await verdictOn(probe, onlySecretIn(stdout))).toBe('valid');
        expect(await faultsIn(probe)).toEqual([]);
      });
      expect(readdirSync(place.storeDirectory)).toEqual(['credctl.db']);
    } finally {
      place.remove();
    }
  });
});

/** How many events of each action the audit trail holds. */
async function eventsIn(place: Workplace): Promise<Record<string, number>> {
  return probing(place, async ({ store }) => {
    const counts: Record<string, number> = {};
    for await (const batch of store.exportAudit()) {
      for (const { event } of batch) counts[event.action] = (counts[event.action] ?? 0) + 1;
    }
    return counts;
  });
}
