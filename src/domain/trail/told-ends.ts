import type { AuditEvent } from '../audit-event.js';
import type { DerivedVersion } from './derived.js';

type Ends = Pick<DerivedVersion, 'retiresAt' | 'revokedAt' | 'hasLapsed'>;

/** What an event tells of them; what is undefined, it does not tell. */
type Told = { readonly [End in keyof Ends]: Ends[End] | undefined };

/**
 * The ends of versions that the trail has told. They move only earlier: a later one was computed from a row that was
 * changed past the program. A rotation that is taken back alone gives a version that still works an end that it had before.
 */
export class ToldEnds {
  /** By the id of the version; of one that was attested, it is not known which ends it had. */
  readonly #before = new Map<string, Set<number | null>>();

  /** Notes a version that is told from its beginning. */
  begin(id: string): void {
    this.#before.set(id, new Set([null]));
  }

  /** Notes that everything is told anew. */
  clear(): void {
    this.#before.clear();
  }

  /** What remains of the ends that an event tells of a version, by what the trail has told of it before. */
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

/** As far as the trail tells. */
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
