import type { AuditEvent } from '../../../domain/audit-event.js';
import type { ActiveStatus, Owner, OwnerKind } from '../../../domain/credential/credential.js';
import type { StoreTransaction } from '../../../domain/ports/store-port.js';
import type { DerivedOwner } from '../../../domain/trail/derived.js';
import type { Belief, NotBelieved } from './believe-trail.js';

/** An owner whose row differs from the trail; `held` is null where the row is missing. */
interface Wrong {
  readonly id: string;
  readonly held: Owner | null;
  readonly told: DerivedOwner;
  readonly what: readonly string[];
}

/**
 * Makes every owner what the audit trail says. A missing one is recreated; one that was deleted, or was never
 * created by a command, is removed.
 *
 * @returns what was corrected
 */
export async function believeOwners(tx: StoreTransaction, belief: Belief): Promise<readonly NotBelieved[]> {
  const found: NotBelieved[] = (await tx.rightNameKeys('owner')).map((name) => ({ name, what: ['name'] }));
  const held = new Map((await tx.listOwners()).map((owner) => [owner.id, owner]));
  for (const owner of held.values()) {
    if (belief.trail.owners.get(owner.id)?.isDeleted !== false) {
      await remove(tx, owner, belief);
      found.push({ name: owner.name, what: ['existence'] });
    }
  }
  const wrong = [...belief.trail.owners].flatMap(([id, told]) => wrongOwner(id, told, held.get(id) ?? null));
  // Names may have been swapped. Renaming to the unique id first avoids a collision.
  for (const { id, held } of wrong) {
    if (held !== null) await tx.updateOwner(id, { name: id, updatedAt: belief.now });
  }
  for (const owner of wrong) {
    await putRight(tx, owner, belief);
    found.push({ name: owner.held?.name ?? owner.told.name ?? owner.id, what: owner.what });
  }
  return found;
}

/** Attests an owner: writes an event with all its properties. */
export async function attestOwner(
  { author, now }: Pick<Belief, 'author' | 'now'>,
  tx: StoreTransaction,
  { id, name, kind, status }: Pick<Owner, 'id' | 'name' | 'kind' | 'status'>,
): Promise<void> {
  await tx.appendAudit(
    {
      ...author,
      action: 'owner.attest',
      target: { kind: 'owner', id, name },
      details: { facts: { name, kind, status } },
    },
    now,
  );
}

function wrongOwner(id: string, told: DerivedOwner, held: Owner | null): readonly Wrong[] {
  // An owner without a name in the trail may have been removed by a restore of an older program.
  if (told.isDeleted || (held === null && told.name === undefined)) return [];
  if (held === null) return [{ id, held, told, what: ['existence'] }];
  const what = (['name', 'kind', 'status'] as const).filter(
    (field) => told[field] !== undefined && told[field] !== held[field],
  );
  return what.length === 0 ? [] : [{ id, held, told, what }];
}

async function putRight(tx: StoreTransaction, { id, held, told }: Wrong, belief: Belief): Promise<void> {
  const { author, now } = belief;
  const name = (await firstFree(tx, [told.name, held?.name])) ?? id;
  const kind: OwnerKind = (told.kind ?? held?.kind) === 'user' ? 'user' : 'service';
  const status: ActiveStatus = (told.status ?? held?.status) === 'active' ? 'active' : 'inactive';
  if (held === null) {
    const { actor } = author;
    await tx.insertOwner({ id, name, kind, status, createdAt: now, createdBy: actor, updatedAt: now });
  } else {
    await tx.updateOwner(id, { name, kind, status, updatedAt: now });
  }
  await attestOwner(belief, tx, { id, name, kind, status });
}

async function firstFree(
  tx: StoreTransaction,
  names: readonly (string | undefined)[],
): Promise<string | undefined> {
  for (const name of names) {
    if (name !== undefined && (await tx.findOwner(name)) === null) return name;
  }
  return undefined;
}

async function remove(tx: StoreTransaction, { id, name }: Owner, { author, now }: Belief): Promise<void> {
  const stopped = await tx.deleteOwner(id, now);
  const target: AuditEvent['target'] = { kind: 'owner', id, name };
  const details = { cause: 'the audit trail does not have it', credentials: stopped };
  await tx.appendAudit({ ...author, action: 'owner.delete', target, details }, now);
}
