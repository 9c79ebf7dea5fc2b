import { DEFAULT_GRACE } from '../domain/credential/version.js';
import { parseDuration } from '../domain/duration.js';
import { usageError } from '../domain/errors.js';
import type { ChangeGuard } from '../usecases/credential/guard.js';
import type { RotateInput } from '../usecases/rotation/rotate.js';

/** Conditions of a change; it is rejected with `conflict` where one does not hold, and nothing is changed. */
export interface ChangeConditions {
  /** Optimistic locking: the credential's revision is this one. */
  readonly ifRevision?: number;
}

/** Conditions of a change that ends what may be in use. */
export interface StopConditions extends ChangeConditions {
  /**
   * Nothing that would stop was used within this time, such as `30d`. A server records a use up to 5 seconds after it
   * happened.
   */
  readonly unlessUsedWithin?: string;
}

/** How a rotation treats the older secrets once the new one is delivered. */
export interface RotateOptions extends StopConditions {
  /** Grace of the older secrets, such as `24h` (the default) or `0`. */
  readonly grace?: string;
  /** Revokes the older secrets at once, as after a leak. */
  readonly now?: boolean;
  /**
   * With `now`: ignores the lease of a delivery whose process cannot be inspected from here, such as one in a
   * killed container. Use it only where that process has ended.
   */
  readonly takeOver?: boolean;
  /** Does nothing when the newest secret is younger than this, such as `30d`. */
  readonly ifOlderThan?: string;
}

/**
 * Parses conditions.
 *
 * @throws CredctlError `usage` for a text that is no duration
 */
export function parsedConditions({ ifRevision, unlessUsedWithin }: StopConditions): ChangeGuard {
  return {
    ifRevision,
    unlessUsedWithin: unlessUsedWithin === undefined ? undefined : parseDuration(unlessUsedWithin),
  };
}

/**
 * Parses the options of a rotation.
 *
 * @throws CredctlError `usage` for a text that is no duration, and for options that contradict each other
 */
export function parsedRotation(options: RotateOptions): Omit<RotateInput, 'reference' | 'destinations'> {
  const { grace = DEFAULT_GRACE, now = false, ifOlderThan, takeOver = false } = options;
  const foreign = now ? undefined : notWithoutNow(options);
  if (foreign !== undefined) throw usageError(`${foreign} works only with now`, 'give both, or leave it out');
  return {
    ...parsedConditions(options),
    supersede: now ? { kind: 'revoke' } : { kind: 'grace', ms: parseDuration(grace, { allowZero: true }).ms },
    ifOlderThan: ifOlderThan === undefined ? null : parseDuration(ifOlderThan),
    takeOver,
  };
}

function notWithoutNow({ takeOver, unlessUsedWithin }: RotateOptions): string | undefined {
  if (takeOver === true) return 'takeOver';
  return unlessUsedWithin === undefined ? undefined : 'unlessUsedWithin';
}
