import type { Version } from '../../domain/credential/version.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import type { DerivedVersion } from '../../domain/trail/derived.js';

type TrailOfVersions = Pick<StoreReader, 'toldVersions'>;

/**
 * Whether an event tells that a secret of the credential was delivered, whatever the tables say by now. Nothing that was
 * received is removed, or superseded, as if it had not been.
 */
export async function wasDelivered(trail: TrailOfVersions, credentialId: string): Promise<boolean> {
  return [...(await trail.toldVersions(credentialId)).values()].some(
    ({ deliveredAt }) => deliveredAt != null,
  );
}

/**
 * Whether the end that time has brought to a version by its row is one that events tell of. What they do not tell is
 * believed: those of older programs have no times.
 *
 * @param end what is about to be stamped
 * @param now epoch milliseconds
 */
export function isToldEnd(
  { lapsesAt }: Pick<Version, 'lapsesAt'>,
  told: DerivedVersion | undefined,
  end: 'retired' | 'lapsed',
  now: number,
): boolean {
  if (told === undefined || told.sha256 === undefined) return true;
  if (end === 'lapsed') return told.deliveredAt == null && told.lapsesAt === lapsesAt;
  return told.retiresAt === undefined || (told.retiresAt !== null && told.retiresAt <= now);
}
