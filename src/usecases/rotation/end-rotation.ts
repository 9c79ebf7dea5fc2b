import { credentialTarget } from '../../domain/audit-event.js';
import type { Credential } from '../../domain/credential/credential.js';
import { rotationDueAt } from '../../domain/credential/credential.js';
import {
  abortPlan,
  finishDoubt,
  finishRefusal,
  resumableVersion,
  retiringVersions,
} from '../../domain/credential/rotation.js';
import { authenticates } from '../../domain/credential/version.js';
import { conflictError } from '../../domain/errors.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import { change } from '../change.js';
import { findCredential } from '../credential/find.js';
import { confirmDelivery } from '../delivery/confirm.js';
import { discard } from '../delivery/expire-versions.js';
import { leased, refuseWhileDelivered } from '../delivery/held-version.js';
import { wasDelivered } from '../delivery/told-ends.js';
import type { Dependencies } from '../dependencies.js';

/** Result of a step; `credential` is null when the step removed it. */
export interface StepResult {
  readonly credential: Credential | null;
  readonly name: string;
  /** Notes for the user: an older secret has ended that no client is known to have replaced. */
  readonly notes: readonly string[];
}

/** Whether a step ignores the unexpired lease of a process that cannot be inspected. */
interface TakeOver {
  readonly takeOver?: boolean;
}

/** Audit detail of a step that ignored a lease. */
function takenOver(
  deps: Pick<Dependencies, 'processes'>,
  { versions }: Credential,
  now: number,
): { readonly taken_over?: readonly number[] } {
  const numbers = leased(deps, versions, now);
  return numbers.length === 0 ? {} : { taken_over: numbers };
}

/**
 * Ends the grace of a rotation now.
 *
 * @param input.force end it although recorded uses show that older versions are still in use
 * @throws CredctlError `not_found`, `conflict`
 */
export async function finishRotation(
  deps: Dependencies,
  input: { readonly reference: string; readonly force: boolean },
): Promise<StepResult> {
  return step(deps, { reference: input.reference }, async (tx, credential, now) => {
    const retiring = retiringVersions(credential.versions, now);
    if (retiring.length === 0) {
      throw conflictError(
        `${credential.name} has no older secret in a grace period`,
        'there is nothing to finish',
      );
    }
    const refusal = finishRefusal(credential.name, credential.versions, now);
    if (refusal !== null && !input.force) throw conflictError(refusal.problem, refusal.hint);
    for (const version of retiring) {
      await tx.updateVersion(version.id, { retiresAt: now, ended: { at: now, as: 'retired' } });
    }
    await tx.appendAudit(
      {
        ...deps.author,
        action: 'credential.rotate.finish',
        target: credentialTarget(credential),
        details: { versions: retiring.map((version) => version.number), forced: refusal !== null },
      },
      now,
    );
    const doubt = refusal === null ? finishDoubt(credential.name, credential.versions, now) : null;
    return doubt === null ? [] : [doubt];
  });
}

/**
 * Revokes the new version and makes the previous one current again. A create that was never delivered is
 * removed.
 *
 * @param input.force revoke it although it has been used
 * @throws CredctlError `not_found`, `conflict`
 */
export async function abortRotation(
  deps: Dependencies,
  input: { readonly reference: string; readonly force: boolean } & TakeOver,
): Promise<StepResult> {
  return step(deps, input, async (tx, credential, now) => {
    const plan = abortPlan(credential.name, credential.versions, now, input.force);
    if ('problem' in plan) throw conflictError(plan.problem, plan.hint);
    const others = credential.versions.filter(({ id }) => id !== plan.revoke.id);
    // Another version in doubt may be the one that was delivered.
    if (
      neverConfirmedOrUsed(credential) &&
      !others.some((version) => authenticates(version, now)) &&
      !(await wasDelivered(tx, credential.id))
    ) {
      await discard(deps, tx, credential, now, 'its delivery was cut off and taken back');
      return [];
    }
    await tx.updateVersion(plan.revoke.id, { revokedAt: now, delivery: null });
    for (const { id, retiresAt } of plan.restore) {
      await tx.updateVersion(id, { retiresAt, superseded: null });
    }
    const left = await findCredential(tx, credential.id);
    await tx.updateCredential(credential.id, {
      rotationDueAt: rotationDueAt(credential.rotateEvery, left.versions),
    });
    await tx.appendAudit(
      {
        ...deps.author,
        action: 'credential.rotate.abort',
        target: credentialTarget(credential),
        details: {
          revoked: plan.revoke.number,
          restored: plan.restore.map((version) => version.number),
          forced: plan.revoke.firstUsedAt !== null,
          ...takenOver(deps, credential, now),
        },
      },
      now,
    );
    return [];
  });
}

/**
 * Confirms a version whose delivery was interrupted after it may have reached its destination.
 *
 * @throws CredctlError `not_found`; `conflict`, also when the grace would be computed from a clock in doubt
 */
export async function resumeRotation(
  deps: Dependencies,
  input: { readonly reference: string } & TakeOver,
): Promise<StepResult> {
  return step(deps, input, async (tx, credential, now) => {
    const pending = resumableVersion(credential.versions, now);
    if (pending === null) {
      throw conflictError(`${credential.name} has no unfinished delivery`, 'there is nothing to resume');
    }
    await confirmDelivery(deps, tx, credential.id, pending.id, now, takenOver(deps, credential, now));
    return [];
  });
}

async function step(
  deps: Dependencies,
  { reference, takeOver = false }: { readonly reference: string } & TakeOver,
  take: (tx: StoreTransaction, credential: Credential, now: number) => Promise<StepResult['notes']>,
): Promise<StepResult> {
  await findCredential(deps.store, reference);
  return change(deps, async (tx, now) => {
    const credential = await findCredential(tx, reference);
    refuseWhileDelivered(deps, credential, now, takeOver);
    const notes = await take(tx, credential, now);
    return { credential: await tx.findCredential(credential.id), name: credential.name, notes };
  });
}

/** Whether no version was confirmed or used. A `verify` proves receipt only, so it does not count here. */
function neverConfirmedOrUsed({ versions }: Credential): boolean {
  return versions.every(({ deliveredAt, firstUsedAt }) => deliveredAt === null && firstUsedAt === null);
}
