import { expect } from 'vitest';
import { authenticates, versionState } from '../../../src/domain/credential/version.js';
import type { Settled } from '../faults/interrupted-delivery.js';
import type { Workplace } from '../program/workplace.js';
import { AFTER_LAPSE, faultsIn, type Probe, probing, verdictOn } from './store-probe.js';

/**
 * Checks that a delivery which failed has left nothing: the secrets from before work and never noticed, no other is
 * live, now and ten minutes later.
 */
export async function expectUntouched(place: Workplace, settled: Settled): Promise<void> {
  await probing(place, async (probe) => {
    await checkStore(probe, settled);
    probe.setClock(AFTER_LAPSE);
    await checkStore(probe, settled);
    expect(await faultsIn(probe)).toEqual([]);
  });
}

async function checkStore(probe: Probe, settled: Settled): Promise<void> {
  const now = probe.clock.now();
  for (const secret of Object.values(settled.secrets)) expect(await verdictOn(probe, secret)).toBe('valid');
  const { items } = await probe.store.listCredentials({ now, sort: 'name', limit: 10 });
  expect(items.map(({ name }) => name)).toEqual(['resident-client', 'resident-key']);
  const live = items.flatMap(({ versions }) => versions.filter((version) => authenticates(version, now)));
  expect(live.map(({ number, deliveredAt, retiresAt }) => [number, deliveredAt !== null, retiresAt])).toEqual(
    [
      [1, true, null],
      [1, true, null],
    ],
  );
}

/** The states of a credential's versions, newest first; null when there is no such credential. */
export async function statesOf(place: Workplace, name: string): Promise<readonly string[] | null> {
  return probing(place, async ({ store, clock }) => {
    const credential = await store.findCredential(name);
    return credential?.versions.map((version) => versionState(version, clock.now())) ?? null;
  });
}
