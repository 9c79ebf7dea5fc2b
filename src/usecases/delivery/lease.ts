import type { Version } from '../../domain/credential/version.js';
import type { Destination } from '../../domain/ports/ports.js';
import type { Dependencies } from '../dependencies.js';

/** The lease of a destination that asks for none, in milliseconds. */
const LEASE_MS = 10 * 60_000;

/** What the transactions around a delivery may take, in milliseconds. */
const MARGIN_MS = 60_000;

/** A lease that a screen renews is never shorter than twice this, in milliseconds: one renewal may fail. */
export const RENEW_EVERY_MS = 5 * 60_000;

/** What keeps everyone else off a version that is being delivered; `lease` where its process cannot be seen. */
export type Hold = 'process' | 'lease' | 'none';

/** How long a delivery to these destinations, one after the other, may take at most; milliseconds. */
export function leaseOf(destinations: readonly Destination[]): number {
  return destinations.reduce((sum, { leaseMs }) => sum + (leaseMs ?? LEASE_MS), MARGIN_MS);
}

/**
 * Whether the process that delivers a version still holds it at `now` (epoch milliseconds): it is seen to live, or it
 * cannot be seen and its lease has not run out.
 */
export function holdOn(deps: Pick<Dependencies, 'processes'>, version: Version, now: number): Hold {
  if (version.delivery === null || version.deliveredAt !== null || version.revokedAt !== null) return 'none';
  const status = deps.processes.status(version.delivery.process);
  if (status === 'running') return 'process';
  return status === 'unknown' && now < version.delivery.deliverBy ? 'lease' : 'none';
}

/**
 * Runs a delivery. Where a person says when it is over, the lease is renewed now and then until it is. A renewal that
 * fails is no reason to give up; what was taken over or ended meanwhile is left alone.
 */
export async function keepingLease(
  deps: Pick<Dependencies, 'store' | 'clock'>,
  version: Version,
  destinations: readonly Destination[],
  { waitsForPerson = false }: Destination,
  deliver: () => Promise<void>,
): Promise<void> {
  if (!waitsForPerson) return deliver();
  let renewal: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewal = renewal.then(() => renew(deps, version, leaseOf(destinations))).catch(() => {});
  }, RENEW_EVERY_MS);
  try {
    await deliver();
  } finally {
    clearInterval(timer);
    // Transaction B must not be followed by a renewal.
    await renewal;
  }
}

function renew(
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  { id, credentialId }: Version,
  leaseMs: number,
): Promise<void> {
  return store.write(async (tx) => {
    const credential = await tx.findCredential(credentialId);
    const present = credential?.versions.find((version) => version.id === id);
    if (!present?.delivery || present.revokedAt !== null || present.ended !== null) return;
    const { process } = present.delivery;
    await tx.updateVersion(id, { delivery: { process, deliverBy: clock.now() + leaseMs } });
  });
}
