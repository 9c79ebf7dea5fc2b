import { credentialTarget } from '../../domain/audit-event.js';
import type { Credential } from '../../domain/credential/credential.js';
import { retiringVersions } from '../../domain/credential/rotation.js';
import { conflictError } from '../../domain/errors.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import type { JsonValue } from '../../domain/text/canonical-json.js';
import { nameKey } from '../../domain/text/name.js';
import { quote } from '../../domain/text/quote.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { refuseWrongClock, requireRightClock } from '../right-clock.js';
import { type EditInput, planEdit } from './edit-plan.js';
import { findCredential } from './find.js';
import { requireRevision } from './guard.js';

export type { EditInput } from './edit-plan.js';

/** Result of an edit; `changed` is false when every value was equal already. */
export interface Edited {
  readonly credential: Credential;
  readonly changed: boolean;
  /** What was changed, as its audit event records it. */
  readonly details: { readonly [key: string]: JsonValue };
  readonly notes: readonly string[];
}

/**
 * Changes properties of a credential in one transaction. Type and client id are immutable.
 *
 * @throws CredctlError `not_found`; `usage` for values that the catalog does not know; `conflict` for a name
 *   that is taken, an outdated revision, or an expiry computed from a clock in doubt
 */
export async function editCredential(deps: Dependencies, input: EditInput): Promise<Edited> {
  await refuseBeforehand(deps, input);
  return change(deps, (tx, now) => applyEdit(deps, tx, input, now));
}

/**
 * Refuses before a write transaction what it would refuse for the values alone.
 *
 * @throws CredctlError as {@link editCredential}
 */
export async function refuseBeforehand(deps: Dependencies, input: EditInput): Promise<void> {
  await planEdit(deps.store, await findCredential(deps.store, input.reference), input);
  if (countsAnEnd(input)) await refuseWrongClock(deps, deps.store, deps.clock.now());
}

/** {@link editCredential} within a transaction. @param now epoch milliseconds */
export async function applyEdit(
  deps: Dependencies,
  tx: StoreTransaction,
  input: EditInput,
  now: number,
): Promise<Edited> {
  const before = await findCredential(tx, input.reference);
  requireRevision(before, input);
  await refuseTakenName(tx, before, input.name);
  const { patch, details, notes } = await planEdit(tx, before, input);
  if (Object.keys(patch).length === 0) return { credential: before, changed: false, details: {}, notes };
  if (countsAnEnd(input)) await requireRightClock(deps, tx, now);
  await tx.updateCredential(before.id, { ...patch, updatedAt: now, revision: before.revision + 1 });
  await shortenGrace(tx, before, patch.expiresAt ?? null, now);
  const target = credentialTarget(before);
  await tx.appendAudit({ ...deps.author, action: 'credential.edit', target, details }, now);
  return { credential: await findCredential(tx, before.id), changed: true, details, notes };
}

function countsAnEnd({ expiresAt, expiryIsCounted = false }: EditInput): boolean {
  return expiresAt != null && expiryIsCounted;
}

/**
 * Caps the grace of retiring versions at the credential's expiry; a later extension of the expiry does not
 * restore it.
 */
async function shortenGrace(
  tx: StoreTransaction,
  credential: Credential,
  expiresAt: number | null,
  now: number,
): Promise<void> {
  if (expiresAt === null) return;
  for (const version of retiringVersions(credential.versions, now)) {
    if (version.retiresAt !== null && version.retiresAt > expiresAt) {
      await tx.updateVersion(version.id, { retiresAt: expiresAt });
    }
  }
}

async function refuseTakenName(
  tx: StoreTransaction,
  before: Credential,
  name: string | undefined,
): Promise<void> {
  if (name === undefined || nameKey(name) === nameKey(before.name)) return;
  if ((await tx.findCredential(name)) === null) return;
  throw conflictError(`the name ${quote(name)} is taken`, 'choose another name');
}
