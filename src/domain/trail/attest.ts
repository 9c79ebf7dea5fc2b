import { hasEndedBy } from './compare.js';
import type { DerivedCredential, DerivedVersion } from './derived.js';
import type { Facts, VersionFacts } from './facts.js';
import type { HeldCredential, HeldVersion } from './held.js';

/**
 * The facts to attest of a credential: the stored values, overridden by what the trail already records;
 * contradictions remain.
 *
 * @param derived the state by the trail; null to accept the stored values
 * @param now epoch milliseconds, used for an end of unknown time
 */
export function attestedFacts(held: HeldCredential, derived: DerivedCredential | null, now: number): Facts {
  return {
    name: derived?.name ?? held.name,
    type: derived?.type ?? held.type,
    status: derived?.status ?? held.status,
    client_id: derived?.clientId === undefined ? held.clientId : derived.clientId,
    scopes: derived?.scopes ?? held.scopes,
    owner_id: derived?.ownerId === undefined ? held.ownerId : derived.ownerId,
    expires_at: derived?.expiresAt === undefined ? held.expiresAt : derived.expiresAt,
    ...((derived?.canary ?? held.canary) ? { canary: true } : {}),
    versions: Object.fromEntries(
      held.versions
        .filter(({ id }) => derived === null || derived.versions.has(id))
        .map((version) => [
          version.id,
          versionFacts(version, derived?.versions.get(version.id) ?? null, now),
        ]),
    ),
  };
}

function versionFacts(held: HeldVersion, derived: DerivedVersion | null, now: number): VersionFacts {
  const isEnded = held.revokedAt !== null || held.retiresAt !== null || held.ended !== null;
  const latestEnd = derived?.latestEnd ?? null;
  const endsLate = latestEnd !== null && !hasEndedBy(held, latestEnd);
  const facts = {
    delivered_at: told(derived?.deliveredAt, held.deliveredAt),
    lapses_at: told(derived?.lapsesAt, held.lapsesAt),
    retires_at: endsLate ? latestEnd : told(derived?.retiresAt, held.retiresAt),
    revoked_at: derived?.hasLapsed && !isEnded ? now : told(derived?.revokedAt, held.revokedAt),
  };
  return {
    number: derived?.number ?? held.number,
    sha256: told(derived?.sha256, held.sha256),
    ...Object.fromEntries(Object.entries(facts).filter(([, time]) => time !== null)),
    ...(held.ended === 'lapsed' ? { lapsed: true } : {}),
  };
}

function told<Value>(derived: Value | undefined, held: Value): Value {
  return derived === undefined ? held : derived;
}
