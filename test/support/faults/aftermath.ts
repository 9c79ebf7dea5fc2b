import { expect } from 'vitest';
import type { Credential } from '../../../src/domain/credential/credential.js';
import { type Version, versionState } from '../../../src/domain/credential/version.js';
import type { Dependencies } from '../../../src/usecases/dependencies.js';
import type { Workplace } from '../program/workplace.js';
import { AFTER_LAPSE, faultsIn, type Probe, probing, secretsIn, verdictOn } from '../stores/store-probe.js';
import { type DeliveryPlan, type Settled, targetOf } from './interrupted-delivery.js';

/** Where in the protocol a run was when it ended, told from what it left. */
export type Phase = 'before A' | 'between A and B' | 'after B';

/** A run that was killed. */
export interface Interrupted {
  readonly settled: Settled;
  readonly plan: DeliveryPlan;
  readonly place: Workplace;
  readonly stdout: string;
}

/** What a killed run left: how far it came, and the complete secret that arrived, if one did. */
export interface Remains extends Interrupted {
  readonly phase: Phase;
  readonly received: string | null;
}

/** Checks everything that is promised of a run that was killed, now and ten minutes later. */
export async function checkAftermath(run: Interrupted): Promise<Remains> {
  const remains = await inCopy(run.place, async (probe) => {
    const found = await inspect(probe, run);
    await checkUnused(probe, found);
    return found;
  });
  const { received, settled } = remains;
  if (received !== null) await inCopy(run.place, (probe) => checkUsed(probe, received, settled));
  return remains;
}

/** Works on a copy of what the run left, so that each future begins there. */
async function inCopy<Result>(place: Workplace, work: (probe: Probe) => Promise<Result>): Promise<Result> {
  const copy = place.copyStore();
  try {
    return await probing(copy, work);
  } finally {
    copy.remove();
  }
}

async function inspect(deps: Dependencies, run: Interrupted): Promise<Remains> {
  expect(await faultsIn(deps)).toEqual([]);
  await checkEarlierSecrets(deps, run.settled);
  const version = newVersion(run.plan, await deps.store.findCredential(targetOf(run.plan)));
  const known: readonly string[] = Object.values(run.settled.secrets);
  const arrived = run.plan.destination.arrived(run.place, run.stdout);
  const [received = null, ...others] = secretsIn(arrived).filter((secret) => !known.includes(secret));
  expect(others, 'only one new secret arrives').toEqual([]);
  const phase = phaseOf(version);
  if (phase === 'before A') expect(received, 'nothing arrives before A').toBeNull();
  if (phase === 'after B') expect(received, 'a secret has arrived by B').not.toBeNull();
  return { ...run, phase, received };
}

/** The version that the killed run inserted, if it came that far. */
function newVersion({ operation }: DeliveryPlan, credential: Credential | null): Version | null {
  const number = operation === 'create' ? 1 : 2;
  return credential?.versions.find((version) => version.number === number) ?? null;
}

function phaseOf(version: Version | null): Phase {
  if (version === null) return 'before A';
  return version.deliveredAt === null ? 'between A and B' : 'after B';
}

/** No lockout: what worked before goes on working. */
async function checkEarlierSecrets(deps: Dependencies, settled: Settled): Promise<void> {
  for (const secret of Object.values(settled.secrets)) expect(await verdictOn(deps, secret)).toBe('valid');
}

/** A secret that was received is good, and once it has been used it stays so. */
async function checkUsed(probe: Probe, received: string, settled: Settled): Promise<void> {
  expect(await verdictOn(probe, received), 'a secret that was received is good').toBe('valid');
  probe.setClock(AFTER_LAPSE);
  expect(await verdictOn(probe, received), 'a used secret goes on working').toBe('valid');
  await checkEarlierSecrets(probe, settled);
}

/** Lapse: what cannot have been received, or was not used, is dead ten minutes later, and stays dead. */
async function checkUnused(probe: Probe, remains: Remains): Promise<void> {
  const { settled, plan, phase, received } = remains;
  const stopped = phase === 'between A and B' && plan.destination.lapses;
  probe.setClock(AFTER_LAPSE);
  await checkEarlierSecrets(probe, settled);
  const credential = await probe.store.findCredential(targetOf(plan));
  const version = newVersion(plan, credential);
  if (stopped && plan.operation === 'create') expect(credential, 'it holds no name').toBeNull();
  if (version !== null) expect(versionState(version, probe.clock.now())).toBe(expectedState(remains));
  if (received !== null) {
    expect(await verdictOn(probe, received)).toMatch(stopped ? /^(deleted|version_retired)$/ : /^valid$/);
  }
  expect(await faultsIn(probe)).toEqual([]);
  if (!stopped) return;
  probe.setClock(0);
  if (received !== null) expect(await verdictOn(probe, received), 'nothing is revived').not.toBe('valid');
  if (version !== null) expect(versionState(version, probe.clock.now()), 'nothing is revived').toBe('lapsed');
}

function expectedState({ phase, plan }: Remains): string {
  if (phase === 'after B') return 'current';
  return plan.destination.lapses ? 'lapsed' : 'pending';
}
