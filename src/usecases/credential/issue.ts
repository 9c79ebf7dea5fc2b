import { credentialTarget } from '../../domain/audit-event.js';
import type { Credential } from '../../domain/credential/credential.js';
import { neverReceived } from '../../domain/credential/rotation.js';
import { type CredctlError, conflictError } from '../../domain/errors.js';
import type { StoreReader, StoreTransaction } from '../../domain/ports/store-port.js';
import { requireFewScopes } from '../../domain/scope/scope.js';
import { scopesToHold } from '../../domain/scope/scopes-to-hold.js';
import {
  CLIENT_ID_LENGTH,
  clientIdOf,
  drawBase62,
  handleOf,
  kindOf,
} from '../../domain/secret/secret-format.js';
import { quote, shellCommand, shellWord } from '../../domain/text/quote.js';
import { abandonedVersions, discardedVersions } from '../delivery/abandoned.js';
import { type Delivered, type DraftVersion, deliverVersion } from '../delivery/deliver.js';
import { discard } from '../delivery/expire-versions.js';
import { refuseWhileCreated } from '../delivery/held-version.js';
import { wasDelivered } from '../delivery/told-ends.js';
import type { Dependencies } from '../dependencies.js';
import { refuseWrongClock, requireRightClock } from '../right-clock.js';
import { insertNextVersion, takeBackNextVersion } from '../rotation/next-version.js';
import { isFirstInDoubt, refuseOther } from './issue-again.js';
import type { IssueInput } from './issue-input.js';
import { resolveOwner } from './resolve-owner.js';

/** Result of a create: the delivered first version, with notes. */
export interface Issued extends Delivered {
  /** Notes for the user: a resource that was selected, a person as the owner. */
  readonly notes: readonly string[];
}

/**
 * Creates a credential and delivers its first secret.
 *
 * @throws CredctlError `usage` for scopes and an owner that do not exist, `conflict` when the name is taken, an
 *   interrupted create of that name differs ({@link refuseOther}), or an end would be computed from a clock in
 *   doubt, `undelivered` and `partial` as {@link deliverVersion}
 */
export async function issueCredential(deps: Dependencies, input: IssueInput): Promise<Issued> {
  const { notes, scopes, ownerId } = await resolve(deps.store, input);
  const earlier = await deps.store.findCredential(input.name);
  const now = deps.clock.now();
  if (earlier !== null) refuseTaken(deps, earlier, now);
  if (earlier !== null && isFirstInDoubt(earlier, now)) {
    refuseOther(earlier, { ...input, scopes, ownerId }, now);
  }
  if (countsAnEnd(input)) await refuseWrongClock(deps, deps.store, now);
  const { prefix } = await deps.store.settings();
  const delivered = await deliverVersion(deps, {
    type: input.type,
    destinations: input.destinations,
    abandoned: [
      ...(earlier === null ? [] : abandonedVersions(earlier, prefix)),
      ...(await discardedVersions(deps.store, input.name, prefix)),
    ],
    insert: (tx, draft, at) => insertNew(deps, tx, { ...input, prefix }, draft, at),
    takeBack: (tx, credential, version, at) =>
      version.number > 1
        ? takeBackNextVersion(deps, tx, credential, version, at)
        : discard(deps, tx, credential, at, 'its secret could not be delivered'),
  });
  return { ...delivered, notes: [...notes, ...succession(delivered)] };
}

/** Transaction A: inserts the credential with its first version. */
async function insertNew(
  deps: Dependencies,
  tx: StoreTransaction,
  input: IssueInput & { readonly prefix: string },
  draft: DraftVersion,
  at: number,
): Promise<Credential> {
  const { name, type, prefix, canary = false } = input;
  const { scopes, ownerId } = await resolve(tx, input);
  if (countsAnEnd(input)) await requireRightClock(deps, tx, at);
  const present = await tx.findCredential(name);
  if (present !== null) {
    refuseTaken(deps, present, at);
    if (await wasDelivered(tx, present.id)) throw taken(present);
    if (isFirstInDoubt(present, at)) {
      refuseOther(present, { ...input, scopes, ownerId }, at);
      return insertNextVersion(deps, tx, present, { draft, prefix, supersede: { kind: 'revoke' } }, at);
    }
    await discard(deps, tx, present, at, 'its delivery was cut off, and its name is used again');
  }
  const id = deps.random.uuid(at);
  const clientId = type === 'oauth2' ? newClientId(deps, prefix) : null;
  await tx.insertCredential({
    id,
    name,
    type,
    status: 'active',
    clientId,
    scopes,
    ownerId,
    description: input.description,
    labels: input.labels,
    createdAt: at,
    createdBy: deps.author.actor,
    updatedAt: at,
    revision: 1,
    expiresAt: input.expiresAt,
    rotateEvery: input.rotateEvery,
    rotationDueAt: null,
    canary,
  });
  const version = draft.version(id, 1, at, { kind: 'grace', ms: 0 });
  await tx.insertVersion({ version, hash: draft.hash });
  const details = {
    type,
    scopes,
    owner: input.owner,
    client_id: clientId,
    expires_at: input.expiresAt,
    ...(canary ? { canary } : {}),
    version: 1,
    handle: handleOf(prefix, kindOf(type), draft.id),
  };
  const target = credentialTarget({ id, name });
  await tx.appendAudit({ ...deps.author, action: 'credential.create', target, details }, at);
  return inserted(await tx.findCredential(id));
}

function succession({ credential, version }: Delivered): readonly string[] {
  if (version.number === 1) return [];
  return [
    `an earlier create of ${credential.name} was cut off; its secret, which may have been delivered, is revoked`,
  ];
}

/** Whether an end is computed from the clock: a rotation policy counts from the first version. */
function countsAnEnd({ expiresAt, expiryIsCounted = false, rotateEvery }: IssueInput): boolean {
  return (expiresAt !== null && expiryIsCounted) || rotateEvery !== null;
}

async function resolve(
  store: StoreReader,
  input: IssueInput,
): Promise<{ scopes: readonly string[]; ownerId: string | null; notes: readonly string[] }> {
  const { scopes, notes } = scopesToHold(await store.catalog(), input, input.scopes);
  requireFewScopes(scopes);
  const owner = await resolveOwner(store, input.owner);
  return { scopes, ownerId: owner?.id ?? null, notes: [...notes, ...(owner?.notes ?? [])] };
}

/**
 * Refuses a taken name. An interrupted create does not reserve its name unless its secret is known to be
 * received.
 */
function refuseTaken(deps: Dependencies, earlier: Credential, now: number): void {
  if (!neverReceived(earlier.versions)) throw taken(earlier);
  refuseWhileCreated(deps, earlier, now);
}

function taken({ name }: Pick<Credential, 'name'>): CredctlError {
  return conflictError(
    `the name ${quote(name)} is taken`,
    `choose another name, or give ${name} a new secret with ${shellCommand(`credctl rotate ${shellWord(name)}`)}`,
  );
}

function newClientId(deps: Dependencies, prefix: string): string {
  return clientIdOf(
    prefix,
    drawBase62((length) => deps.random.bytes(length), CLIENT_ID_LENGTH),
  );
}

function inserted(credential: Credential | null): Credential {
  if (credential === null) throw new TypeError('a row that was just inserted cannot be read');
  return credential;
}
