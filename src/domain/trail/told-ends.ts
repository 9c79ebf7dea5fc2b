import type { AuditEvent } from '../audit-event.js';
import type { DerivedVersion } from './derived.js';

type Ends = Pick<DerivedVersion, 'retiresAt' | 'revokedAt' | 'hasLapsed'>;

/** The ends recorded by an event; undefined where it records none. */
type Told = { readonly [End in keyof Ends]: Ends[End] | undefined };

/**
 * Ends of versions by the trail. They only move earlier: a later one stems from a tampered row. Only an aborted
 * rotation may give a version that still works an end that it had before.
 */
export class ToldEnds {
  /** Former ends by version id; unknown for an attested version. */
  readonly #before = new Map<string, Set<number | null>>();

  /** Registers a version whose events are complete from its creation. */
  begin(id: string): void {
    this.#before.set(id, new Set([null]));
  }

  /** Drops all former ends. */
  clear(): void {
    this.#before.clear();
  }

  /** The accepted ends of an event, given what the trail records so far. */
  believed(version: DerivedVersion, told: Told, event: Pick<AuditEvent, 'action' | 'at'>): Ends {
    const retiresAt = this.#retiresAt(version, told.retiresAt, event);
    this.#before.get(version.id)?.add(retiresAt ?? null);
    return {
      retiresAt,
      revokedAt: earliest(version.revokedAt, told.revokedAt),
      hasLapsed: version.hasLapsed || told.hasLapsed === true,
    };
  }

  #retiresAt(
    version: DerivedVersion,
    told: number | null | undefined,
    { action, at }: Pick<AuditEvent, 'action' | 'at'>,
  ): number | null | undefined {
    if (version.latestEnd !== null && version.latestEnd <= at) return version.retiresAt;
    const isGivenBack =
      told !== undefined &&
      action === 'credential.rotate.abort' &&
      works(version, at) &&
      this.#before.get(version.id)?.has(told) !== false;
    return isGivenBack ? told : earliest(version.retiresAt, told);
  }
}

/** Whether it works at `at` (epoch milliseconds), by the trail. */
function works({ retiresAt, revokedAt, hasLapsed }: DerivedVersion, at: number): boolean {
  return (retiresAt == null || retiresAt > at) && revokedAt == null && !hasLapsed;
}

function earliest(
  before: number | null | undefined,
  told: number | null | undefined,
): number | null | undefined {
  if (before == null || told === undefined) return told === undefined ? before : told;
  return told === null ? before : Math.min(before, told);
}
