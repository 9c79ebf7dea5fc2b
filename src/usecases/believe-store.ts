import type { AuditEvent } from '../domain/audit-event.js';
import type { Owner } from '../domain/credential.js';
import type { StoreTransaction } from '../domain/store-port.js';
import { type Belief, believeTrail, type NotBelieved } from './believe-trail.js';
import { allCredentialIds } from './restore-reading.js';

/** Makes every credential what the audit trail says; as {@link believeTrail}. */
export async function believeAll(tx: StoreTransaction, belief: Belief): Promise<readonly NotBelieved[]> {
  const found: NotBelieved[] = (await tx.rightNameKeys('credential')).map(misnamed);
  for (const id of await allCredentialIds(tx, belief.now)) {
    const notBelieved = await believeTrail(tx, id, belief);
    if (notBelieved !== null) found.push(notBelieved);
  }
  return found;
}

/** What was found by another name than its own. */
function misnamed(name: string): NotBelieved {
  return { name, what: ['name'] };
}

/** The same for owners. One that was deleted and is back is deleted once more. */
export async function believeOwners(tx: StoreTransaction, belief: Belief): Promise<readonly NotBelieved[]> {
  const { author, trail, now } = belief;
  const found: NotBelieved[] = (await tx.rightNameKeys('owner')).map(misnamed);
  for (const owner of await tx.listOwners()) {
    const told = trail.owners.get(owner.id);
    if (told === undefined) continue;
    if (told.isDeleted) {
      const stopped = await tx.deleteOwner(owner.id, now);
      const target: AuditEvent['target'] = { kind: 'owner', id: owner.id, name: owner.name };
      const details = { credentials: stopped };
      await tx.appendAudit({ ...author, action: 'owner.delete', target, details }, now);
      found.push({ name: owner.name, what: ['existence'] });
      continue;
    }
    const what = (['name', 'status'] as const).filter(
      (field) => told[field] !== undefined && told[field] !== owner[field],
    );
    if (what.length === 0) continue;
    const holder = told.name === undefined ? null : await tx.findOwner(told.name);
    const name =
      told.name === undefined || (holder !== null && holder.id !== owner.id) ? owner.name : told.name;
    const status = (told.status ?? owner.status) === 'active' ? 'active' : 'inactive';
    await tx.updateOwner(owner.id, { name, status, updatedAt: now });
    await attestOwner(belief, tx, { id: owner.id, name, kind: owner.kind, status });
    found.push({ name: owner.name, what });
  }
  return found;
}

/** Tells the trail what an owner is from now on. */
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
