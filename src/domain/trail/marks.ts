import type { AuditEvent } from '../audit-event.js';
import { textsOf } from './details.js';
import { OwnerNames } from './owner-names.js';

/** Which events say what a credential is without being about one. */
export const MARKING_ACTIONS = ['owner.create', 'owner.edit', 'owner.delete', 'store.restore'] as const;

/** What events about the store and about owners did to credentials. */
export class StoreMarks {
  /** Restores by older programs, which told nothing of the credentials that they changed. */
  readonly #blind: number[] = [];
  readonly #lossy: number[] = [];
  /** By the id of the owner. */
  readonly #ownerDeleted = new Map<string, number>();
  readonly #names = new OwnerNames();
  /** By the id of the credential: deletions of owners that older programs told of. */
  readonly #lostOwner = new Map<string, number[]>();

  /** @param event of one of {@link MARKING_ACTIONS}, in order */
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

  /** Whether a restore after `seq` and before `next` may have changed everything but type and client id. */
  isBlinded(seq: number, next: number): boolean {
    return isBetween(this.#blind, seq, next);
  }

  /** Whether such a restore may also have lost ends of versions. */
  hasLostEnds(seq: number, next: number): boolean {
    return isBetween(this.#lossy, seq, next);
  }

  /** The id of the owner that had a name at `seq`; undefined where the trail does not tell. */
  ownerNamed(name: string, seq: number): string | undefined {
    const holder = this.#names.holder(name, seq);
    return holder === null || this.isBlinded(holder.since, seq) ? undefined : holder.id;
  }

  /** Whether a credential has lost its owner, deleted between the two, and was stopped by that. */
  lostOwner(id: string, ownerId: string | null | undefined, seq: number, next: number): boolean {
    if (ownerId === undefined) return isBetween(this.#lostOwner.get(id) ?? [], seq, next);
    const deleted = ownerId === null ? undefined : this.#ownerDeleted.get(ownerId);
    return deleted !== undefined && deleted > seq && deleted < next;
  }
}

function isBetween(marks: readonly number[], seq: number, next: number): boolean {
  return marks.some((mark) => mark > seq && mark < next);
}
