import type { AuditEvent } from '../audit-event.js';
import { textsOf } from './details.js';
import { OwnerNames } from './owner-names.js';

/** Actions with effects on credentials that they are not about. */
export const MARKING_ACTIONS = ['owner.create', 'owner.edit', 'owner.delete', 'store.restore'] as const;

/** Effects on credentials of events about the store and about owners. */
export class StoreMarks {
  /** Sequence numbers of restores by older programs, which recorded no changes of credentials. */
  readonly #blind: number[] = [];
  readonly #lossy: number[] = [];
  /** Sequence number of the deletion, by owner id. */
  readonly #ownerDeleted = new Map<string, number>();
  readonly #names = new OwnerNames();
  /** Deletions of owners recorded by older programs, by credential id. */
  readonly #lostOwner = new Map<string, number[]>();

  /** @param event with one of {@link MARKING_ACTIONS}, in order */
  add(event: AuditEvent): void {
    const { seq, action, target, details, alg } = event;
    this.#names.add(event);
    if (action === 'store.restore' && alg === undefined) {
      this.#blind.push(seq);
      if (details['known_from'] !== 'present-store') this.#lossy.push(seq);
    }
    if (action !== 'owner.delete' || target.id === null) return;
    this.#ownerDeleted.set(target.id, seq);
    if (alg !== undefined) return;
    for (const id of textsOf(details['credentials']) ?? []) {
      this.#lostOwner.set(id, [...(this.#lostOwner.get(id) ?? []), seq]);
    }
  }

  /** Whether a restore between `seq` and `next` may have changed everything but type and client id. */
  isBlinded(seq: number, next: number): boolean {
    return isBetween(this.#blind, seq, next);
  }

  /** Whether such a restore may also have lost ends of versions. */
  hasLostEnds(seq: number, next: number): boolean {
    return isBetween(this.#lossy, seq, next);
  }

  /** The id of the owner with a name at `seq`; undefined where the trail does not record it. */
  ownerNamed(name: string, seq: number): string | undefined {
    const holder = this.#names.holder(name, seq);
    return holder === null || this.isBlinded(holder.since, seq) ? undefined : holder.id;
  }

  /** Whether a credential was detached from its owner, and stopped, by a deletion between `seq` and `next`. */
  lostOwner(id: string, ownerId: string | null | undefined, seq: number, next: number): boolean {
    if (ownerId === undefined) return isBetween(this.#lostOwner.get(id) ?? [], seq, next);
    const deleted = ownerId === null ? undefined : this.#ownerDeleted.get(ownerId);
    return deleted !== undefined && deleted > seq && deleted < next;
  }
}

function isBetween(marks: readonly number[], seq: number, next: number): boolean {
  return marks.some((mark) => mark > seq && mark < next);
}
