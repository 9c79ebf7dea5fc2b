import { credentialTarget } from '../../../domain/audit-event.js';
import type { Credential } from '../../../domain/credential/credential.js';
import { endKnownElsewhere, restoredCredential } from '../../../domain/credential/restored.js';
import { authenticates } from '../../../domain/credential/version.js';
import { CredctlError } from '../../../domain/errors.js';
import type { CheckedBackup, PresentStore, StoreFiles } from '../../../domain/ports/backup-port.js';
import type { Author } from '../../../domain/ports/ports.js';
import type { StoreReader, StoreTransaction } from '../../../domain/ports/store-port.js';
import type { TrailReader } from '../../../domain/ports/trail-port.js';
import { maskSecrets } from '../../../domain/secret/secret-format.js';
import { believeOwners } from './believe-owners.js';
import { believeAll } from './believe-store.js';
import { everyCredential } from './every-credential.js';
import { tellLostOwners } from './lost-owners.js';
import { recordRestore } from './record-restore.js';
import type { RestoreDependencies, Restored, RestoreInput } from './result.js';
import { toldCredential, wholeTrail } from './told-since.js';

/** What happens to the credentials of the backup. */
interface Outcome {
  readonly stillDeleted: string[];
  readonly withheld: { name: string; what: readonly string[] }[];
  readonly deactivated: string[];
  readonly withoutSecret: string[];
  credentials: number;
}

interface Sources {
  /** What the damaged store tells; null when unreadable. */
  readonly known: StoreReader | null;
  /** The trail up to the present; null when it is incomplete. */
  readonly trail: TrailReader | null;
  readonly deletedIds: ReadonlySet<string>;
  readonly trust: boolean;
  readonly now: number;
}

/**
 * Restores where there is no sound store: a copy of the backup is prepared aside and renamed into place. The
 * rest of a damaged store can only remove permissions. As removals since the backup are unknown, every
 * credential comes back inactive unless the user vouches for the backup (`trust`).
 */
export async function restoreFromCopy(
  deps: RestoreDependencies,
  files: StoreFiles,
  backup: CheckedBackup,
  present: Exclude<PresentStore, { state: 'sound' }>,
  input: RestoreInput,
): Promise<Restored> {
  const damaged = present.state === 'damaged' ? await files.lockDamagedStore(present.identity) : null;
  try {
    const now = deps.clock.now();
    const isNewId = !replacesOriginal(deps, files, backup);
    const storeId = isNewId ? deps.random.uuid(now) : backup.facts.storeId;
    const continued = await backup.continueFrom(damaged, { storeId: isNewId ? storeId : null, now });
    const deletedIds = (await damaged?.deletedIds()) ?? new Set<string>();
    const known = damaged?.reader ?? null;
    const outcome = await backup.store.write(async (tx) => {
      const whole = continued.hasTrail ? await wholeTrail(tx) : null;
      // Events after the backup do not apply to its tables.
      const trail = await tx.readTrail(backup.facts.events);
      const belief = { author: deps.author, trail, hashOf: async () => null, now };
      const notBelieved = [...(await believeOwners(tx, belief)), ...(await believeAll(tx, belief))];
      const prepared = {
        ...(await prepare(tx, deps.author, { known, trail: whole, deletedIds, trust: input.trust, now })),
        notBelieved,
      };
      await tellLostOwners(tx, deps.author, now);
      await tx.attest(deps.author, now);
      await recordRestore(deps, tx, { backup, continued, input, outcome: prepared, storeId, present, now });
      return prepared;
    });
    const keptAs = await files.install(backup, damaged, now);
    return {
      ...outcome,
      storeId,
      isNewId,
      keptAs,
      knownFrom: present.state === 'missing' ? 'nothing' : 'damaged-store',
      removed: [],
      removedWithCopy: [],
      hasTrail: continued.hasTrail,
      keepsCatalog: false,
      isScrubbed: true,
    };
  } finally {
    damaged?.release();
  }
}

/**
 * Whether the copy keeps the store's id (and so its keychain entries): only at the original location on the
 * original host.
 */
function replacesOriginal(
  { processes }: RestoreDependencies,
  { location }: StoreFiles,
  { origin }: CheckedBackup,
): boolean {
  if (origin === null) return false;
  return origin.location === maskSecrets(location) && origin.host === processes.self().host;
}

async function prepare(tx: StoreTransaction, author: Author, sources: Sources): Promise<Outcome> {
  const outcome: Outcome = {
    stillDeleted: [],
    withheld: [],
    deactivated: [],
    withoutSecret: [],
    credentials: 0,
  };
  await restrictOwners(tx, sources);
  const all: Credential[] = [];
  for await (const credential of everyCredential(tx, sources.now)) all.push(credential);
  for (const credential of all) {
    const told = sources.trail === null ? null : await toldCredential(sources.trail, credential, sources.now);
    // Tables of a damaged store may have been written past the program: they are ignored where the trail is
    // complete.
    const known = told?.isWhole === true ? null : sources.known;
    const isListed = sources.deletedIds.has(credential.id) && told?.isWhole !== true;
    if (isListed || told?.isDeleted === true) {
      await tx.deleteCredential(credential.id, sources.now);
      if (told?.isDeleted !== true) await tellDeletion(tx, author, credential, sources.now);
      outcome.stillDeleted.push(credential.name);
    } else {
      outcome.credentials += 1;
      if (told !== null) await takeAway(tx, credential, told.latest, sources.now, outcome);
      const left = (await tx.findCredential(credential.id)) ?? credential;
      await restrict(tx, left, { ...sources, known }, outcome);
    }
  }
  return outcome;
}

/** Records a deletion that the carried-over trail lacks. */
async function tellDeletion(
  tx: StoreTransaction,
  author: Author,
  { id, name }: Credential,
  now: number,
): Promise<void> {
  const details = { cause: 'it had been deleted in the store that was replaced' };
  const target = credentialTarget({ id, name });
  await tx.appendAudit({ ...author, action: 'credential.delete', target, details }, now);
}

/** Applies deactivations and deletions of owners, so that the credentials stopped by them do not work again. */
async function restrictOwners(tx: StoreTransaction, { known, trail, now }: Sources): Promise<void> {
  for (const { id, status } of await tx.listOwners()) {
    const told = trail?.owners.get(id);
    if (told?.isDeleted === true) await tx.deleteOwner(id, now);
    else if (told?.status === 'inactive' && status === 'active')
      await tx.updateOwner(id, { status: 'inactive', updatedAt: now });
  }
  const latest = await readable(() => known?.listOwners() ?? Promise.resolve(null));
  if (latest === null) return;
  const statuses = new Map(latest.map(({ id, status }) => [id, status]));
  for (const { id, status } of await tx.listOwners()) {
    if (trail?.owners.get(id)?.status !== undefined) continue;
    const known = statuses.get(id);
    if (known === undefined) await tx.deleteOwner(id, now);
    else if (known !== status) await tx.updateOwner(id, { status: 'inactive', updatedAt: now });
  }
}

async function restrict(
  tx: StoreTransaction,
  credential: Credential,
  { known, trust, now }: Sources,
  outcome: Outcome,
): Promise<void> {
  const latest = await readable(() => known?.findCredential(credential.id) ?? Promise.resolve(null));
  if (latest !== null) await takeAway(tx, credential, latest, now, outcome);
  const restricted = await tx.findCredential(credential.id);
  if (restricted === null) return;
  if (!trust && restricted.status === 'active') {
    await tx.updateCredential(credential.id, {
      status: 'inactive',
      updatedAt: now,
      revision: restricted.revision + 1,
    });
    outcome.deactivated.push(credential.name);
  }
  if (!restricted.versions.some((version) => authenticates(version, now))) {
    outcome.withoutSecret.push(credential.name);
  }
}

/** Applies every removal that the damaged store claims; false claims can only reduce permissions. */
async function takeAway(
  tx: StoreTransaction,
  credential: Credential,
  latest: Credential,
  now: number,
  outcome: Outcome,
): Promise<void> {
  const owners = new Map((await tx.listOwners()).map((owner) => [owner.id, owner]));
  const context = { catalog: await tx.catalog(), owners };
  const found = await readable(async () => restoredCredential(credential, latest, context));
  if (found !== null && found.withheld.length > 0) {
    const { status, scopes, expiresAt } = found.wanted;
    outcome.withheld.push({ name: credential.name, what: found.withheld });
    await tx.updateCredential(credential.id, {
      status,
      scopes,
      expiresAt,
      updatedAt: now,
      revision: Math.max(credential.revision, latest.revision) + 1,
    });
  }
  for (const version of credential.versions) {
    const same = latest.versions.find(({ id }) => id === version.id) ?? null;
    const patch = endKnownElsewhere(version, same, now);
    if (Object.keys(patch).length > 0) await tx.updateVersion(version.id, patch);
  }
}

/** Runs a read of the damaged store; null where it fails. */
async function readable<T>(ask: () => Promise<T | null>): Promise<T | null> {
  try {
    return await ask();
  } catch (fault) {
    if (fault instanceof CredctlError) return null;
    throw fault;
  }
}
