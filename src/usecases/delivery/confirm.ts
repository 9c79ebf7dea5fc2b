import { type AuditEvent, credentialTarget } from '../../domain/audit-event.js';
import type { Credential } from '../../domain/credential/credential.js';
import { completeDelivery } from '../../domain/credential/rotation.js';
import { type Version, versionState } from '../../domain/credential/version.js';
import { CredctlError } from '../../domain/errors.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { shellCommand, shellWord } from '../../domain/text/quote.js';
import type { Dependencies } from '../dependencies.js';
import { requireRightClock } from '../right-clock.js';
import { expireVersions } from './expire-versions.js';

/** A credential after transaction B, with the delivered version. */
interface Confirmed {
  readonly credential: Credential;
  readonly version: Version;
}

/**
 * Transaction B, run by the delivering process. Another process may have taken the version over, after the
 * lease ended or with `takeOver`.
 *
 * @param deliveredAt epoch milliseconds
 * @throws CredctlError `partial` as {@link confirmDelivery}, and when a later rotation took the version over
 */
export async function confirmOwnDelivery(
  deps: Pick<Dependencies, 'store' | 'author' | 'processes' | 'trustsClock'>,
  tx: StoreTransaction,
  credentialId: string,
  versionId: string,
  deliveredAt: number,
): Promise<Confirmed> {
  const credential = await tx.findCredential(credentialId);
  const version = credential?.versions.find((candidate) => candidate.id === versionId);
  const isEnded = version === undefined || version.revokedAt !== null || version.ended !== null;
  if (credential !== null && !isEnded && (version.delivery === null || version.retiresAt !== null)) {
    // The process that took it over has confirmed it.
    if (versionState(version, deliveredAt) === 'current') return { credential, version };
    throw new CredctlError(
      'partial',
      `version ${version.number} of ${credential.name} was delivered, but another command finished its delivery`,
      {
        hint: `see ${shellCommand(`credctl show ${shellWord(credential.name)}`)} for the secrets that work; rotate again if the destination does not have the newest one`,
      },
    );
  }
  return confirmDelivery(deps, tx, credentialId, versionId, deliveredAt);
}

/**
 * Transaction B: marks the version as delivered and supersedes the older ones.
 *
 * @param deliveredAt epoch milliseconds
 * @param details additional details of the audit event
 * @throws CredctlError `partial` when the version was ended by a concurrent deletion or from another machine;
 *   `conflict` when a grace would be computed from a clock in doubt
 */
export async function confirmDelivery(
  deps: Pick<Dependencies, 'store' | 'author' | 'processes' | 'trustsClock'>,
  tx: StoreTransaction,
  credentialId: string,
  versionId: string,
  deliveredAt: number,
  details: AuditEvent['details'] = {},
): Promise<Confirmed> {
  const credential = await tx.findCredential(credentialId);
  const version = credential?.versions.find((candidate) => candidate.id === versionId);
  if (credential === null || version === undefined || version.revokedAt !== null || version.ended !== null) {
    throw new CredctlError('partial', 'the secret was delivered, but another command has revoked it', {
      hint: "the delivered secret does not work; see 'credctl audit' for who revoked it",
    });
  }
  const completion = completeDelivery(credential, version, deliveredAt);
  if (completion.patches.some(({ patch }) => patch.retiresAt !== undefined))
    await requireRightClock(deps, tx, deliveredAt);
  for (const { versionId: changed, patch } of completion.patches) await tx.updateVersion(changed, patch);
  await tx.updateCredential(credential.id, { rotationDueAt: completion.credential.rotationDueAt });
  await tx.appendAudit(
    {
      ...deps.author,
      action: version.number === 1 ? 'credential.deliver' : 'credential.rotate.deliver',
      target: credentialTarget(credential),
      details: { version: version.number, ...details },
    },
    deliveredAt,
  );
  await expireVersions(deps, tx, deliveredAt);
  return {
    credential: completion.credential,
    version: completion.credential.versions.find((candidate) => candidate.id === versionId) ?? version,
  };
}

/**
 * Refuses to take back a version that another command has confirmed: older versions may have ended by that.
 *
 * @throws CredctlError `partial`
 */
export function refuseConfirmed({ name, versions }: Credential, { id, number }: Version): void {
  if (versions.every((version) => version.id !== id || version.deliveredAt === null)) return;
  throw new CredctlError(
    'partial',
    `version ${number} of ${name} was not delivered completely, but another command has confirmed it`,
    { hint: `the secret works; ${shellCommand(`credctl rotate ${shellWord(name)} --abort`)} revokes it` },
  );
}
