import type { Credential } from '../../../domain/credential/credential.js';
import { endKnownElsewhere, restoredCredential } from '../../../domain/credential/restored.js';
import { authenticates } from '../../../domain/credential/version.js';
import { CredctlError } from '../../../domain/errors.js';
import type {
  CheckedBackup,
  Continued,
  PresentStore,
  StoreFiles,
} from '../../../domain/ports/backup-port.js';
import type { StoreReader, StoreTransaction } from '../../../domain/ports/store-port.js';
import type { TrailReader } from '../../../domain/ports/trail-port.js';
import { maskSecrets } from '../../../domain/secret/secret-format.js';
import { believeOwners } from './believe-owners.js';
import { believeAll } from './believe-store.js';
import { everyCredential } from './every-credential.js';
import { tellLostOwners } from './lost-owners.js';
import type { RestoreDependencies, Restored, RestoreInput } from './result.js';
import { toldCredential, wholeTrail } from './told-since.js';

/** What becomes of the credentials of the backup. */
interface Outcome {
  readonly stillDeleted: string[];
  readonly withheld: { name: string; what: readonly string[] }[];
  readonly deactivated: string[];
  readonly withoutSecret: string[];
  credentials: number;
}

interface Sources {
  /** What is left of the store; null when nothing of it can be read. */
  readonly known: StoreReader | null;
  /** What the trail says up to the present; null when it is not whole. */
  readonly trail: TrailReader | null;
  readonly deletedIds: ReadonlySet<string>;
  readonly trust: boolean;
  readonly now: number;
}

/**
 * Restores to where there is no sound store: a copy of the backup is prepared aside and takes the place in one step.
 * What is left of a damaged store can only take away. Since nothing tells all that was taken away since the backup,
 * everything comes back inactive, unless the user vouches for it.
 */
export async function restoreFromCopy(
  deps: RestoreDependencies,
  files: StoreFiles,
  backup: CheckedBackup,
  present: Exclude<PresentStore, { state: 'sound' }>,
  input: RestoreInput,
): Promise<Restored> {
  const remains = present.state === 'damaged' ? await files.holdRemains(present.identity) : null;
  try {
    const now = deps.clock.now();
    const isNewId = !replacesOriginal(deps, files, backup);
    const storeId = isNewId ? deps.random.uuid(now) : backup.facts.storeId;
    const continued = await backup.continueFrom(remains, { storeId: isNewId ? storeId : null, now });
    const deletedIds = (await remains?.deletedIds()) ?? new Set<string>();
    const known = remains?.reader ?? null;
    const outcome = await backup.store.write(async (tx) => {
      const whole = continued.hasTrail ? await wholeTrail(tx) : null;
      // What a longer trail says, was not so yet when the backup was made.
      const trail = await tx.readTrail(backup.facts.events);
      const belief = { author: deps.author, trail, hashOf: async () => null, now };
      const notBelieved = [...(await believeOwners(tx, belief)), ...(await believeAll(tx, belief))];
      const prepared = {
        ...(await prepare(tx, { known, trail: whole, deletedIds, trust: input.trust, now })),
        notBelieved,
      };
      await tellLostOwners(tx, deps.author, now);
      await tx.attest(deps.author, now);
      await record(deps, tx, { backup, continued, input, outcome: prepared, storeId, present, now });
      return prepared;
    });
    const keptAs = await files.install(backup, remains, now);
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
    remains?.release();
  }
}

/** A copy keeps the store's id, by which the keychain knows it, only where the store itself was. */
function replacesOriginal(
  { processes }: RestoreDependencies,
  { location }: StoreFiles,
  { origin }: CheckedBackup,
): boolean {
  if (origin === null) return false;
  return origin.location === maskSecrets(location) && origin.host === processes.self().host;
}

async function prepare(tx: StoreTransaction, sources: Sources): Promise<Outcome> {
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
    if (sources.deletedIds.has(credential.id) || told?.isDeleted === true) {
      await tx.deleteCredential(credential.id, sources.now);
      outcome.stillDeleted.push(credential.name);
    } else {
      outcome.credentials += 1;
      if (told !== null) await takeAway(tx, credential, told.latest, sources.now, outcome);
      const left = (await tx.findCredential(credential.id)) ?? credential;
      await restrict(tx, left, sources, outcome);
    }
  }
  return outcome;
}

/** What an owner's deactivation or deletion stopped must not start again. */
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

/** Whatever the damaged store says was taken away is taken away; a lie can do no more than that. */
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

async function record(
  deps: RestoreDependencies,
  tx: StoreTransaction,
  facts: {
    readonly backup: CheckedBackup;
    readonly continued: Continued;
    readonly input: RestoreInput;
    readonly outcome: Outcome;
    readonly storeId: string;
    readonly present: PresentStore;
    readonly now: number;
  },
): Promise<void> {
  const { backup, continued, input, outcome, storeId, present, now } = facts;
  await tx.appendAudit(
    {
      ...deps.author,
      action: 'store.restore',
      target: { kind: 'store', id: storeId, name: null },
      details: {
        file: input.file,
        backup_events: backup.facts.events,
        backup_head: backup.facts.head,
        known_from: present.state === 'missing' ? 'nothing' : 'damaged-store',
        has_trail: continued.hasTrail,
        trusted: input.trust,
        former_id: backup.facts.storeId === storeId ? null : backup.facts.storeId,
        deleted: outcome.stillDeleted.length,
        withheld: outcome.withheld.length,
        deactivated: outcome.deactivated.length,
      },
    },
    now,
  );
}

/** The answer, or null where the damaged store has none. */
async function readable<T>(ask: () => Promise<T | null>): Promise<T | null> {
  try {
    return await ask();
  } catch (fault) {
    if (fault instanceof CredctlError) return null;
    throw fault;
  }
}
