import { type Credential, credentialStatus } from '../../domain/credential/credential.js';
import { newestReceived, type Supersede } from '../../domain/credential/version.js';
import { CredctlError, NothingIssued } from '../../domain/errors.js';
import type { Destination } from '../../domain/ports/ports.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { allCredentials } from '../credential/all.js';
import type { Dependencies } from '../dependencies.js';
import { doubtOf, refuseWrongClock } from '../right-clock.js';
import { refuseRotation, rotate } from './rotate.js';

/** A batch rotation of all credentials that are due. */
export interface RotateDueInput {
  /** Rotation due at or before this time, epoch milliseconds. */
  readonly dueBy: number;
  readonly supersede: Supersede;
  /** Destinations of a credential's new secret. An error thrown here counts as a failure of that credential. */
  readonly destinationsFor: (credential: Credential) => Promise<readonly Destination[]>;
  /** Called before each rotation, and with its outcome. */
  readonly onProgress: (progress: DueProgress) => void;
  /** Called before each rotation; true skips the remaining ones. */
  readonly isStopped: () => Promise<boolean>;
}

/** A progress event; `index` counts from 1. */
export interface DueProgress {
  readonly index: number;
  readonly total: number;
  readonly name: string;
  readonly outcome: 'begun' | 'rotated' | 'failed' | 'skipped';
}

/** Why a due credential was skipped; `interrupted` when the run was stopped first. */
export type SkipReason = 'conflict' | 'not_due' | 'not_found' | 'interrupted';

/** A skipped credential; `fault` is set for a conflict. */
export interface SkippedDue {
  readonly name: string;
  readonly reason: SkipReason;
  readonly fault: CredctlError | null;
}

/** Outcome per due credential. */
export interface RotatedDue {
  readonly rotated: readonly string[];
  readonly failed: readonly { readonly name: string; readonly fault: CredctlError }[];
  readonly skipped: readonly SkippedDue[];
}

type Outcome =
  | { readonly kind: 'rotated' }
  | { readonly kind: 'failed'; readonly fault: CredctlError }
  | { readonly kind: 'skipped'; readonly reason: SkipReason; readonly fault: CredctlError | null };

/** The active credentials whose policy asks for a rotation by `dueBy`, by name. */
export async function dueCredentials(
  store: StoreReader,
  dueBy: number,
  now: number,
): Promise<readonly Credential[]> {
  return allCredentials(store, { now, dueBy });
}

/** What {@link dueCredentials} leaves out because it, or its owner, is inactive: by the reason, then by name. */
export async function stoppedDue(
  store: StoreReader,
  dueBy: number,
  now: number,
): Promise<readonly Credential[]> {
  const inactive = await allCredentials(store, { now, dueBy, status: 'inactive' });
  // One that is activated between the two listings is in both.
  const told = new Set(inactive.map(({ id }) => id));
  const others = await allCredentials(store, { now, dueBy, status: 'owner_inactive' });
  return [...inactive, ...others.filter(({ id }) => !told.has(id))];
}

/**
 * Dry run of {@link rotateDue} by the state of the store: which credentials it would rotate, and which it would
 * skip.
 */
export async function previewDue(
  deps: Pick<Dependencies, 'store' | 'clock' | 'processes'>,
  input: Pick<RotateDueInput, 'dueBy' | 'supersede'>,
): Promise<{ readonly wouldRotate: readonly string[]; readonly skipped: readonly SkippedDue[] }> {
  const now = deps.clock.now();
  const wouldRotate: string[] = [];
  const skipped: SkippedDue[] = [];
  for (const credential of await dueCredentials(deps.store, input.dueBy, now)) {
    const fault = conflictOf(() => refuseRotation(deps, credential, input, now));
    if (fault === null) wouldRotate.push(credential.name);
    else skipped.push({ name: credential.name, reason: 'conflict', fault });
  }
  return { wouldRotate, skipped };
}

/**
 * Rotates every due credential in sequence, continuing after failures. Safe against concurrent runs:
 * credentials that another run is rotating or has rotated are skipped. On a stop request, the current rotation
 * is completed and the rest is skipped.
 *
 * @throws CredctlError `conflict`, before anything is rotated, when some are due by a clock in doubt
 */
export async function rotateDue(deps: Dependencies, input: RotateDueInput): Promise<RotatedDue> {
  const startedAt = deps.clock.now();
  const due = await dueCredentials(deps.store, input.dueBy, startedAt);
  await refuseOrTellOfClock(deps, due.length, startedAt);
  const rotated: string[] = [];
  const failed: { name: string; fault: CredctlError }[] = [];
  const skipped: SkippedDue[] = [];
  for (const [position, { id, name }] of due.entries()) {
    if (await input.isStopped()) {
      skipped.push({ name, reason: 'interrupted', fault: null });
      continue;
    }
    const tell = (outcome: DueProgress['outcome']): void =>
      input.onProgress({ index: position + 1, total: due.length, name, outcome });
    tell('begun');
    const outcome = await rotateIfDue(deps, input, id, startedAt);
    if (outcome.kind === 'rotated') rotated.push(name);
    else if (outcome.kind === 'failed') failed.push({ name, fault: outcome.fault });
    else skipped.push({ name, reason: outcome.reason, fault: outcome.fault });
    tell(outcome.kind);
  }
  return { rotated, failed, skipped };
}

/**
 * Refuses when credentials are due by a clock in doubt; reports the doubt when none is due, which may be wrong
 * as well.
 */
async function refuseOrTellOfClock(deps: Dependencies, due: number, now: number): Promise<void> {
  if (due > 0) return refuseWrongClock(deps, deps.store, now);
  const doubt = await doubtOf(deps.store, now);
  if (doubt !== null) deps.onClockDoubt?.(doubt);
}

async function rotateIfDue(
  deps: Dependencies,
  input: RotateDueInput,
  id: string,
  startedAt: number,
): Promise<Outcome> {
  try {
    const credential = await deps.store.findCredential(id);
    if (credential === null) return { kind: 'skipped', reason: 'not_found', fault: null };
    const isStillDue = (present: Credential, now: number): boolean =>
      isDue(present, input.dueBy, now) && !wasRotatedSince(present, startedAt);
    if (!isStillDue(credential, deps.clock.now())) return notDue;
    const { rotated } = await rotate(deps, {
      reference: id,
      supersede: input.supersede,
      ifOlderThan: null,
      onlyIf: isStillDue,
      destinations: await input.destinationsFor(credential),
    });
    return rotated ? { kind: 'rotated' } : notDue;
  } catch (fault) {
    return outcomeOf(fault);
  }
}

const notDue: Outcome = { kind: 'skipped', reason: 'not_due', fault: null };

function isDue(credential: Credential, dueBy: number, now: number): boolean {
  const isTime = credential.rotationDueAt !== null && credential.rotationDueAt <= dueBy;
  return isTime && credentialStatus(credential, now) === 'active';
}

/**
 * Detects a rotation by a concurrent run: with `dueBy` beyond the policy, a credential is due again right after
 * its rotation.
 */
function wasRotatedSince(credential: Credential, time: number): boolean {
  const newest = newestReceived(credential.versions);
  return newest !== null && newest.createdAt > time;
}

function outcomeOf(fault: unknown): Outcome {
  if (!(fault instanceof CredctlError)) {
    const unforeseen = 'an unexpected error happened, probably a bug in credctl';
    return { kind: 'failed', fault: new CredctlError('unexpected', unforeseen, { cause: fault }) };
  }
  if (fault instanceof NothingIssued) return { kind: 'skipped', reason: 'interrupted', fault: null };
  if (fault.code === 'conflict') return { kind: 'skipped', reason: 'conflict', fault };
  if (fault.code === 'not_found') return { kind: 'skipped', reason: 'not_found', fault: null };
  return { kind: 'failed', fault };
}

function conflictOf(refuse: () => void): CredctlError | null {
  try {
    refuse();
    return null;
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'conflict') return fault;
    throw fault;
  }
}
