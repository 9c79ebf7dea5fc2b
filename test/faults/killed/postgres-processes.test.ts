import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { COMMANDS, expectNothingLost, SHARED, work } from '../../support/faults/busy-worker.js';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import { storeConfig } from '../../support/postgres/session.js';
import {
  POSTGRES_18,
  POSTGRES_ENGINES,
  type PostgresEngine,
  type TestDatabase,
} from '../../support/postgres/stores.js';
import { credctl } from '../../support/program/real-program.js';
import { barrier } from '../../support/program/start-together.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { faultsIn, onlySecretIn, type Probe, probing, verdictOn } from '../../support/stores/store-probe.js';

const PROCESSES = Math.min(16, Math.max(4, faultNumber(16)));
const CREATE = ['--type', 'api-key', '--scope', 'data:conversations'];

/** A home whose configuration names an empty database. */
async function home(engine: PostgresEngine): Promise<{ place: Workplace; database: TestDatabase }> {
  const database = await engine.database();
  const place = makeWorkplace();
  onTestFinished(async () => {
    place.remove();
    await database.drop();
  });
  const directory = join(place.root, 'config', 'credctl');
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.toml'), storeConfig(database.url), { mode: 0o600 });
  return { place, database };
}

/** Runs all at once, whatever the number of processors. */
function atOnce<Result>(run: (n: number) => Promise<Result>): Promise<Result[]> {
  return concurrently(times(PROCESSES), run, PROCESSES);
}

function probingIn<T>({ url }: TestDatabase, look: (probe: Probe) => Promise<T>): Promise<T> {
  return probing({ store: url }, look);
}

describe.each(POSTGRES_ENGINES)(`${PROCESSES} processes on one $label`, (engine) => {
  it('all succeed with their first command: one of them makes the store', async () => {
    const { place, database } = await home(engine);
    const ended = await atOnce((n) => credctl(place, ['create', `first-${n}`, ...CREATE]));
    expect(
      ended.map(({ exitCode }) => exitCode),
      ended.map(({ stderr }) => stderr).join(''),
    ).toEqual(times(PROCESSES).map(() => 0));
    expect(ended.filter(({ stderr }) => stderr.includes('created the store')).length).toBe(1);
    await probingIn(database, async (probe) => {
      for (const { stdout } of ended) expect(await verdictOn(probe, onlySecretIn(stdout))).toBe('valid');
      expect(await faultsIn(probe)).toEqual([]);
    });
  });

  it('that have all read the credential before one of them writes rotate it: one wins, the others exit 5', async () => {
    const { place, database } = await home(engine);
    const resident = onlySecretIn((await credctl(place, ['create', 'resident', ...CREATE])).stdout);
    const together = await barrier();
    onTestFinished(() => together.remove());
    const ended = await together.run(place, PROCESSES, ['rotate', 'resident']);
    const winners = ended.filter(({ exitCode }) => exitCode === 0);
    const losers = ended.filter(({ exitCode }) => exitCode === 5);
    expect([winners.length, losers.length], ended.map(({ stderr }) => stderr).join()).toEqual([
      1,
      PROCESSES - 1,
    ]);
    for (const { stdout } of losers) expect(stdout).toBe('');
    await probingIn(database, async (probe) => {
      expect(await verdictOn(probe, onlySecretIn(winners[0]?.stdout ?? ''))).toBe('valid');
      expect(await verdictOn(probe, resident)).toBe('valid');
      expect((await probe.store.findCredential('resident'))?.versions.length).toBe(2);
      expect(await faultsIn(probe)).toEqual([]);
    });
  });

  it('create the same name: exactly one wins, the others exit 5', async () => {
    const { place, database } = await home(engine);
    const ended = await atOnce(() => credctl(place, ['create', 'wanted', ...CREATE]));
    expect(ended.map(({ exitCode }) => exitCode).sort()).toEqual([0, ...times(PROCESSES - 1).map(() => 5)]);
    await probingIn(database, async (probe) => {
      const [winner] = ended.filter(({ exitCode }) => exitCode === 0);
      expect(await verdictOn(probe, onlySecretIn(winner?.stdout ?? ''))).toBe('valid');
      expect(await faultsIn(probe)).toEqual([]);
    });
  });
});

describe(`${PROCESSES} processes on one ${POSTGRES_18.label}`, () => {
  it(`give ${COMMANDS} mixed commands each: none is refused as busy, nothing is lost, the chain is intact`, async () => {
    const { place, database } = await home(POSTGRES_18);
    expect((await credctl(place, ['create', SHARED, ...CREATE])).exitCode).toBe(0);
    const worked = await atOnce((n) => work(place, n));
    expect(worked.map(({ commands }) => commands)).toEqual(times(PROCESSES).map(() => COMMANDS));
    await probingIn(database, async (probe) => {
      await expectNothingLost(probe, worked, []);
    });
    const [events] = await database.ask<{ n: number }>('select count(*) as n from credctl.audit_event');
    const added = worked.flatMap((one) => Object.values(one.events)).reduce((sum, n) => sum + n, 0);
    // The store's own making, and the two events of the shared credential.
    expect(events?.n).toBe(added + 3);
  });
});
