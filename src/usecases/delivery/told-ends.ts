import type { Version } from '../../domain/credential/version.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import type { DerivedVersion } from '../../domain/trail/derived.js';

type TrailOfVersions = Pick<StoreReader, 'toldVersions'>;

/**
 * Whether the audit trail records a delivery of any version of the credential, regardless of the tables. Guards
 * against removing or superseding a version that was received.
 */
export async function wasDelivered(trail: TrailOfVersions, credentialId: string): Promise<boolean> {
  return [...(await trail.toldVersions(credentialId)).values()].some(
    ({ deliveredAt }) => deliveredAt != null,
  );
}

/**
 * Whether the audit trail agrees with an end that the row claims. Versions of which it records nothing count as
 * agreed: events of older programs carry no times.
 *
 * @param end the state about to be stamped
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
