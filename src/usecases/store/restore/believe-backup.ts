import { type Credential, type OwnerSummary, storedScopesOf } from '../../../domain/credential/credential.js';
import type { StoreReader, StoreTransaction } from '../../../domain/ports/store-port.js';
import type { TrailReader } from '../../../domain/ports/trail-port.js';
import type { DerivedCredential } from '../../../domain/trail/derived.js';
import type { NotBelieved } from './believe-trail.js';

/** A backup corrected by the audit events that it shares with the store. */
export interface BelievedBackup {
  readonly owners: readonly OwnerSummary[];
  /** Null where the backup has no such credential. */
  credential(id: string): Promise<Credential | null>;
  /** What was corrected so far. */
  readonly notBelieved: readonly NotBelieved[];
}

/** @param events number of events of the store's trail that the backup contains */
export async function believedBackup(
  tx: StoreTransaction,
  backup: StoreReader,
  events: number,
): Promise<BelievedBackup> {
  const trail = await tx.readTrail(events);
  const notBelieved: NotBelieved[] = [];
  const owners = (await backup.listOwners()).map((owner) => {
    const told = trail.owners.get(owner.id);
    const name = told?.name ?? owner.name;
    const status = statusOf(told?.status) ?? owner.status;
    note(notBelieved, owner.name, { name: name !== owner.name, status: status !== owner.status });
    return { ...owner, name, status };
  });
  return {
    owners,
    notBelieved,
    async credential(id) {
      const held = await backup.findCredential(id);
      const told = held === null ? null : ((await trail.compare(id))?.derived ?? null);
      if (held === null || told === null) return held;
      return asTold(held, told, trail, notBelieved);
    },
  };
}

function asTold(
  held: Credential,
  told: DerivedCredential,
  trail: TrailReader,
  notBelieved: NotBelieved[],
): Credential {
  const stored = storedScopesOf(held);
  const { name = held.name, scopes = stored } = told;
  const status = statusOf(told.status) ?? held.status;
  const expiresAt = told.expiresAt === undefined ? held.expiresAt : told.expiresAt;
  const ownerId = told.ownerId === undefined ? (held.owner?.id ?? null) : told.ownerId;
  note(notBelieved, held.name, {
    name: name !== held.name,
    status: status !== held.status,
    scopes: scopes.join(' ') !== stored.join(' '),
    expiry: expiresAt !== held.expiresAt,
    owner: ownerId !== (held.owner?.id ?? null),
  });
  return {
    ...held,
    name,
    status,
    scopes,
    storedScopes: scopes,
    expiresAt,
    owner: ownerOf(held, ownerId, trail),
  };
}

function ownerOf({ owner }: Credential, id: string | null, { owners }: TrailReader): Credential['owner'] {
  if (id === null || owner?.id === id) return id === null ? null : owner;
  const { name = id, kind, status } = owners.get(id) ?? {};
  return { id, name, kind: kind === 'user' ? 'user' : 'service', status: statusOf(status) ?? 'active' };
}

function statusOf(text: string | undefined): 'active' | 'inactive' | null {
  return text === 'active' || text === 'inactive' ? text : null;
}

function note(notBelieved: NotBelieved[], name: string, isWrong: Readonly<Record<string, boolean>>): void {
  const what = Object.keys(isWrong).filter((field) => isWrong[field]);
  if (what.length > 0) notBelieved.push({ name, what: what.map((field) => `${field} in the backup`) });
}
