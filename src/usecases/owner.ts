import type { ActiveStatus, OwnerKind, OwnerSummary } from '../domain/credential/credential.js';
import { type CredctlError, conflictError, notFoundError } from '../domain/errors.js';
import type { AuditEntry, StoreReader, StoreTransaction } from '../domain/ports/store-port.js';
import { refuseSecret } from '../domain/secret/secret-as-argument.js';
import { nameKey } from '../domain/text/name.js';
import { nearest } from '../domain/text/nearest.js';
import { quote } from '../domain/text/quote.js';
import { change } from './change.js';
import { refuseIfCredentialsUsed, type UseGuard } from './credential/guard.js';
import type { Dependencies } from './dependencies.js';

/**
 * Finds an owner by name or id.
 *
 * @throws CredctlError `not_found`; `usage` when the name is a secret
 */
export async function findOwner(store: StoreReader, name: string): Promise<OwnerSummary> {
  refuseSecret(name);
  const owner = await store.findOwner(name);
  if (owner !== null) return owner;
  throw await noOwner(store, name, "see 'credctl owner list' for all owners");
}

/** The error for an owner that does not exist, which asks whether the nearest one is meant, and goes on with `hint`. */
export async function noOwner(store: StoreReader, name: string, hint: string): Promise<CredctlError> {
  const owners = await store.listOwners();
  const near = nearest(
    name,
    owners.map((owner) => owner.name),
  );
  const question = near === null ? '' : `did you mean ${quote(near)}? `;
  return notFoundError(`no owner ${quote(name)}`, `${question}${hint}`);
}

/**
 * Creates an owner.
 *
 * @throws CredctlError `conflict` when the name is taken
 */
export async function createOwner(
  deps: Dependencies,
  input: { readonly name: string; readonly kind: OwnerKind },
): Promise<OwnerSummary> {
  if ((await deps.store.findOwner(input.name)) !== null) throw taken(input.name);
  return change(deps, async (tx, now) => {
    if ((await tx.findOwner(input.name)) !== null) throw taken(input.name);
    const id = deps.random.uuid(now);
    const { actor } = deps.author;
    await tx.insertOwner({
      id,
      name: input.name,
      kind: input.kind,
      status: 'active',
      createdAt: now,
      createdBy: actor,
      updatedAt: now,
    });
    await record(deps, tx, now, 'owner.create', { id, name: input.name }, { kind: input.kind });
    return findOwner(tx, input.name);
  });
}

/**
 * Renames an owner.
 *
 * @throws CredctlError `not_found`, `conflict` when the new name is taken
 */
export async function renameOwner(
  deps: Dependencies,
  input: { readonly name: string; readonly to: string },
): Promise<OwnerSummary> {
  await findOwner(deps.store, input.name);
  return change(deps, async (tx, now) => {
    const owner = await findOwner(tx, input.name);
    if (owner.name === input.to) return owner;
    if (nameKey(owner.name) !== nameKey(input.to) && (await tx.findOwner(input.to)) !== null)
      throw taken(input.to);
    await tx.updateOwner(owner.id, { name: input.to, updatedAt: now });
    await record(deps, tx, now, 'owner.edit', owner, { name: { from: owner.name, to: input.to } });
    return findOwner(tx, input.to);
  });
}

/** Result of an activation; `changed` is false when the owner had the status already. */
export interface OwnerStatusChange {
  readonly owner: OwnerSummary;
  readonly changed: boolean;
}

/**
 * Activates or deactivates an owner. All its credentials stop, or work again, with the next request.
 *
 * @param guard of uses, for a deactivation alone
 * @throws CredctlError `not_found`, `conflict` by the guard
 */
export async function setOwnerStatus(
  deps: Dependencies,
  name: string,
  status: ActiveStatus,
  guard: UseGuard = {},
): Promise<OwnerStatusChange> {
  await findOwner(deps.store, name);
  return change(deps, async (tx, now) => {
    const owner = await findOwner(tx, name);
    if (owner.status === status) return { owner, changed: false };
    if (status === 'inactive') await refuseIfCredentialsUsed(tx, owner, guard, now);
    await tx.updateOwner(owner.id, { status, updatedAt: now });
    const action = status === 'active' ? 'owner.activate' : 'owner.deactivate';
    await record(deps, tx, now, action, owner, { credentials: owner.credentials });
    return { owner: await findOwner(tx, owner.id), changed: true };
  });
}

/**
 * Deletes an owner. Its credentials remain, inactive and without an owner.
 *
 * @throws CredctlError `not_found`, `conflict` by the guard
 */
export async function deleteOwner(
  deps: Dependencies,
  name: string,
  guard: UseGuard = {},
): Promise<OwnerSummary> {
  await findOwner(deps.store, name);
  return change(deps, async (tx, now) => {
    const owner = await findOwner(tx, name);
    await refuseIfCredentialsUsed(tx, owner, guard, now);
    const stopped = await tx.deleteOwner(owner.id, now);
    await record(deps, tx, now, 'owner.delete', owner, { credentials: stopped });
    return owner;
  });
}

async function record(
  deps: Dependencies,
  tx: StoreTransaction,
  now: number,
  action: AuditEntry['action'],
  owner: { readonly id: string; readonly name: string },
  details: AuditEntry['details'],
): Promise<void> {
  await tx.appendAudit(
    { ...deps.author, action, target: { kind: 'owner', id: owner.id, name: owner.name }, details },
    now,
  );
}

function taken(name: string): Error {
  return conflictError(`the owner ${quote(name)} exists already`, 'choose another name');
}
