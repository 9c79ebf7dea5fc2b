import type { Version } from '../../domain/credential/version.js';
import type { Destination } from '../../domain/ports/ports.js';
import type { Dependencies } from '../dependencies.js';

/** Default lease of a destination, in milliseconds. */
const LEASE_MS = 10 * 60_000;

/** Allowance for the transactions around a delivery, in milliseconds. */
const MARGIN_MS = 60_000;

/**
 * Renewal interval of an interactive delivery, in milliseconds. Its lease is at least twice as long, so that
 * one renewal may fail.
 */
export const RENEW_EVERY_MS = 5 * 60_000;

/**
 * What holds a version that is being delivered: a running process, or the lease of a process that cannot be
 * inspected.
 */
export type Hold = 'process' | 'lease' | 'none';

/** Lease for these destinations in sequence, in milliseconds. */
export function leaseOf(destinations: readonly Destination[]): number {
  return destinations.reduce((sum, { leaseMs }) => sum + (leaseMs ?? LEASE_MS), MARGIN_MS);
}

/**
 * Whether a version is held at `now` (epoch milliseconds): its process is running, or cannot be inspected and
 * its lease has not expired.
 */
export function holdOn(deps: Pick<Dependencies, 'processes'>, version: Version, now: number): Hold {
  if (version.delivery === null || version.deliveredAt !== null || version.revokedAt !== null) return 'none';
  const status = deps.processes.status(version.delivery.process);
  if (status === 'running') return 'process';
  return status === 'unknown' && now < version.delivery.deliverBy ? 'lease' : 'none';
}

/**
 * Runs a delivery. An interactive destination has its lease renewed periodically until it settles. A failed
 * renewal is ignored; a version that was taken over or ended is not renewed.
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
    // A pending renewal must finish before transaction B.
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
