import { credentialTarget } from '../../domain/audit-event.js';
import type { Credential } from '../../domain/credential/credential.js';
import type { Supersede, Version } from '../../domain/credential/version.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { handleOf, kindOf } from '../../domain/secret/secret-format.js';
import { findCredential } from '../credential/find.js';
import type { DraftVersion } from '../delivery/deliver.js';
import { discardIfDead } from '../delivery/expire-versions.js';
import { takeOverDeliveries } from '../delivery/held-version.js';
import type { Dependencies } from '../dependencies.js';

/** A further version of an existing credential. */
export interface NextVersion {
  readonly draft: DraftVersion;
  readonly supersede: Supersede;
  /** Prefix of the store's secrets. */
  readonly prefix: string;
}

/**
 * Inserts the version in transaction A.
 *
 * @returns the credential including it
 */
export async function insertNextVersion(
  deps: Dependencies,
  tx: StoreTransaction,
  present: Credential,
  { draft, supersede, prefix }: NextVersion,
  now: number,
): Promise<Credential> {
  const number = Math.max(0, ...present.versions.map((version) => version.number)) + 1;
  const version = draft.version(present.id, number, now, supersede);
  const takenOver = await takeOverDeliveries(deps, tx, present, now);
  await tx.insertVersion({ version, hash: draft.hash });
  const details = {
    version: number,
    handle: handleOf(prefix, kindOf(present.type), draft.id),
    grace_ms: supersede.kind === 'grace' ? supersede.ms : null,
    revoke_older: supersede.kind === 'revoke',
    ...(takenOver.length === 0 ? {} : { taken_over: takenOver }),
  };
  const target = credentialTarget(present);
  await tx.appendAudit({ ...deps.author, action: 'credential.rotate', target, details }, now);
  return findCredential(tx, present.id);
}

/** Revokes the version after a failed delivery. */
export async function takeBackNextVersion(
  deps: Dependencies,
  tx: StoreTransaction,
  present: Credential,
  { id, number }: Version,
  now: number,
): Promise<void> {
  await tx.updateVersion(id, { revokedAt: now, delivery: null });
  const target = credentialTarget(present);
  await tx.appendAudit(
    { ...deps.author, action: 'credential.rotate.fail', target, details: { version: number } },
    now,
  );
  await discardIfDead(deps, tx, present.id, now);
}
