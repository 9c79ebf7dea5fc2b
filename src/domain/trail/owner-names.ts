import type { AuditEvent } from '../audit-event.js';
import { editedTo, textOf } from './details.js';

/** The owner of a name from an event on; null where the name is free. */
interface Holder {
  readonly id: string | null;
  readonly seq: number;
}

/** History of owner names: older events about credentials name the owner without its id. */
export class OwnerNames {
  /** By name, in order. */
  readonly #holders = new Map<string, Holder[]>();
  /** By owner id. */
  readonly #names = new Map<string, string>();

  /** @param event about an owner, in order */
  add({ seq, action, target, details }: AuditEvent): void {
    if (target.kind !== 'owner' || target.id === null) return;
    switch (action) {
      case 'owner.create':
        this.#give(target.id, target.name ?? undefined, seq);
        break;
      case 'owner.edit':
        this.#give(target.id, textOf(editedTo(details, 'name')), seq);
        break;
      case 'owner.delete':
        this.#take(target.id, seq);
        break;
    }
  }

  /** The owner of a name at `seq`, and the event since when; null where the trail does not record it. */
  holder(name: string, seq: number): { readonly id: string; readonly since: number } | null {
    const latest = this.#holders.get(name)?.findLast((each) => each.seq < seq);
    return latest === undefined || latest.id === null ? null : { id: latest.id, since: latest.seq };
  }

  #give(id: string, name: string | undefined, seq: number): void {
    if (name === undefined) return;
    this.#take(id, seq);
    this.#names.set(id, name);
    this.#note(name, { id, seq });
  }

  #take(id: string, seq: number): void {
    const name = this.#names.get(id);
    this.#names.delete(id);
    if (name !== undefined) this.#note(name, { id: null, seq });
  }

  #note(name: string, holder: Holder): void {
    const holders = this.#holders.get(name);
    if (holders === undefined) this.#holders.set(name, [holder]);
    else holders.push(holder);
  }
}
