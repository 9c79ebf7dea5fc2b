import { type Credential, isExpired } from '../../domain/credential/credential.js';
import { rotationRefusal } from '../../domain/credential/rotation.js';
import {
  authenticates,
  newestFirst,
  newestReceived,
  type Supersede,
  wasReceived,
} from '../../domain/credential/version.js';
import type { Duration } from '../../domain/duration.js';
import { CredctlError, conflictError } from '../../domain/errors.js';
import type { Destination } from '../../domain/ports/ports.js';
import { shellCommand, shellWord } from '../../domain/text/quote.js';
import { findCredential } from '../credential/find.js';
import { type ChangeGuard, refuseIfSecretsUsed, requireRevision } from '../credential/guard.js';
import { abandonedVersions } from '../delivery/abandoned.js';
import { type Delivered, deliverVersion } from '../delivery/deliver.js';
import { refuseWhileDelivered } from '../delivery/held-version.js';
import type { Dependencies } from '../dependencies.js';
import { refuseWrongClock, requireRightClock } from '../right-clock.js';
import { insertNextVersion, takeBackNextVersion } from './next-version.js';

/** A rotation to carry out. The guard is of uses of secrets that work, and is checked again in transaction A. */
export interface RotateInput extends ChangeGuard {
  /** Name, id or client id. */
  readonly reference: string;
  /** What happens to the older versions once the new one is delivered. */
  readonly supersede: Supersede;
  /** Do nothing when the newest received version is younger than this. */
  readonly ifOlderThan: Duration | null;
  /** Do nothing unless this holds; evaluated before the delivery and again in transaction A (TOCTOU). */
  readonly onlyIf?: (credential: Credential, now: number) => boolean;
  /** Ignore the unexpired lease of a process that cannot be inspected and may still deliver a version. */
  readonly takeOver?: boolean;
  /** Called with the credential once its rotation was found possible, before anything is changed. */
  readonly onAccepted?: (credential: Credential) => void;
  readonly destinations: readonly Destination[];
}

/** `rotated` is false when the newest version was younger than `ifOlderThan`, or `onlyIf` did not hold. */
export type Rotated =
  | ({ readonly rotated: true } & Delivered)
  | { readonly rotated: false; readonly credential: Credential };

/**
 * Issues the next version of a credential. Older versions work until it is delivered, and then for the grace.
 *
 * @throws CredctlError `not_found`; `conflict` by the guard, when the credential has expired, is being rotated or
 *   its secret is being delivered, or when the grace would be computed from a clock in doubt; `undelivered` and `partial`
 *   as {@link deliverVersion}
 */
export async function rotate(deps: Dependencies, input: RotateInput): Promise<Rotated> {
  try {
    return await rotateNow(deps, input);
  } catch (fault) {
    if (fault instanceof NothingToDo) return { rotated: false, credential: fault.credential };
    throw fault;
  }
}

async function rotateNow(deps: Dependencies, input: RotateInput): Promise<Rotated> {
  const credential = await findCredential(deps.store, input.reference);
  if (isSpared(credential, input, deps.clock.now())) return { rotated: false, credential };
  refuseByGuard(credential, input, deps.clock.now());
  refuseRotation(deps, credential, input, deps.clock.now());
  if (countsAnEnd(input)) await refuseWrongClock(deps, deps.store, deps.clock.now());
  input.onAccepted?.(credential);
  const { prefix } = await deps.store.settings();
  const delivered = await deliverVersion(deps, {
    type: credential.type,
    destinations: input.destinations,
    abandoned: abandonedVersions(credential, prefix),
    insert: async (tx, draft, now) => {
      const present = await findCredential(tx, credential.id);
      if (isSpared(present, input, now)) throw new NothingToDo(present);
      refuseByGuard(present, input, now);
      refuseRotation(deps, present, input, now);
      if (countsAnEnd(input)) await requireRightClock(deps, tx, now);
      refuseIfRotated(credential, present, now);
      refuseIfConfirmed(credential, present);
      return insertNextVersion(deps, tx, present, { draft, supersede: input.supersede, prefix }, now);
    },
    takeBack: (tx, present, version, now) => takeBackNextVersion(deps, tx, present, version, now),
  });
  return { rotated: true, ...delivered };
}

/**
 * Refuses when a version that was abandoned at the first read has been confirmed since: the destinations were told that
 * its secret may be overwritten.
 *
 * @throws CredctlError `conflict`
 */
function refuseIfConfirmed(seen: Credential, present: Credential): void {
  const abandoned = new Set(seen.versions.filter((version) => !wasReceived(version)).map(({ id }) => id));
  const confirmed = present.versions.find(({ id, deliveredAt }) => deliveredAt !== null && abandoned.has(id));
  if (confirmed === undefined) return;
  throw justDone(`confirmed version ${confirmed.number} of ${present.name}`, present);
}

/** Rolls transaction A back: a concurrent rotation came first. */
class NothingToDo extends Error {
  readonly credential: Credential;

  constructor(credential: Credential) {
    super('another command has rotated since');
    this.credential = credential;
  }
}

/**
 * Any grace, even the shortest, is computed from the clock. Revocation is not, so that a leak is handled
 * despite a wrong clock.
 */
function countsAnEnd({ supersede }: RotateInput): boolean {
  return supersede.kind === 'grace';
}

function refuseByGuard(credential: Credential, guard: ChangeGuard, now: number): void {
  requireRevision(credential, guard);
  refuseIfSecretsUsed(credential, guard, now);
}

function isSpared(credential: Credential, input: RotateInput, now: number): boolean {
  return isYoungerThan(credential, input.ifOlderThan, now) || input.onlyIf?.(credential, now) === false;
}

function isYoungerThan(credential: Credential, limit: Duration | null, now: number): boolean {
  const newest = newestReceived(credential.versions);
  return limit !== null && newest !== null && newest.createdAt + limit.ms > now;
}

/**
 * Refuses a credential that cannot be rotated now.
 *
 * @throws CredctlError `conflict`
 */
export function refuseRotation(
  deps: Pick<Dependencies, 'processes'>,
  credential: Credential,
  input: Pick<RotateInput, 'supersede' | 'takeOver'>,
  now: number,
): void {
  if (isExpired(credential, now)) {
    throw conflictError(
      `${credential.name} has expired`,
      `extend it first, for example: credctl edit ${shellWord(credential.name)} --expires-in 90d`,
    );
  }
  refuseWhileDelivered(deps, credential, now, input.takeOver);
  const refusal = rotationRefusal(credential.name, credential.versions, now, input.supersede);
  if (refusal !== null) throw new TooManySecrets(refusal.problem, refusal.hint);
}

/** As many secrets of a credential work as may: a rotation is possible once one of them has ended. */
export class TooManySecrets extends CredctlError {
  constructor(message: string, hint: string) {
    super('conflict', message, { hint });
  }
}

/**
 * Refuses when the newest working version changed since the first read: of concurrent rotations one wins, as
 * the others would supersede a secret that they have not seen.
 *
 * @throws CredctlError `conflict`
 */
function refuseIfRotated(seen: Credential, present: Credential, now: number): void {
  const working = ({ versions }: Credential): string | undefined =>
    newestFirst(versions).find((version) => authenticates(version, now))?.id;
  if (working(seen) === working(present)) return;
  throw justDone(`rotated ${present.name}`, present);
}

function justDone(what: string, { name }: Credential): CredctlError {
  return conflictError(
    `another command has just ${what}`,
    `see ${shellCommand(`credctl show ${shellWord(name)}`)}, and run this command again if you still want a new secret`,
  );
}
