import type { AuditEvent } from '../audit-event.js';
import type { DerivedOwner } from './derived.js';
import { editedTo, objectIn, textOf } from './details.js';

/** Derives the state of owners by applying their events in order. */
export class OwnersFromTrail {
  readonly #owners = new Map<string, DerivedOwner>();

  /** By id. */
  get owners(): ReadonlyMap<string, DerivedOwner> {
    return this.#owners;
  }

  /** @param event about an owner, or a restore, in order */
  apply(event: AuditEvent): void {
    const { action, target, alg } = event;
    if (action === 'store.restore' && alg === undefined) {
      for (const [id, { isDeleted, kind }] of this.#owners)
        this.#owners.set(id, { ...UNKNOWN, isDeleted, kind });
    }
    if (target.kind !== 'owner' || target.id === null) return;
    // Events about an owner that was inserted past the program do not make it valid.
    const begins = action === 'owner.create' || action === 'owner.attest';
    if (!begins && !this.#owners.has(target.id)) return;
    this.#owners.set(target.id, { ...(this.#owners.get(target.id) ?? UNKNOWN), ...told(event) });
  }
}

const UNKNOWN: DerivedOwner = { isDeleted: false, name: undefined, kind: undefined, status: undefined };

function told({ action, target, details }: AuditEvent): Partial<DerivedOwner> {
  const facts = objectIn(details, 'facts') ?? {};
  const said = {
    name: textOf(facts['name']) ?? textOf(editedTo(details, 'name')),
    kind: textOf(facts['kind']),
    status: textOf(facts['status']),
  };
  const known = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  switch (action) {
    case 'owner.create':
      return { name: target.name ?? undefined, kind: textOf(details['kind']), status: 'active', ...known };
    case 'owner.activate':
      return { status: 'active', ...known };
    case 'owner.deactivate':
      return { status: 'inactive', ...known };
    case 'owner.delete':
      return { isDeleted: true };
    default:
      return known;
  }
}
