import {
  type Credential,
  type CredentialStatus,
  credentialStatus,
} from '../../domain/credential/credential.js';
import { judge, limitedToken, scopesHeld } from '../../domain/credential/verdict.js';
import { type Version, type VersionState, versionState } from '../../domain/credential/version.js';
import { CredctlError } from '../../domain/errors.js';
import type { Leak, LeakQuery } from '../../domain/leak/leak.js';
import type { Page, PresentedToken, StoreReader } from '../../domain/ports/store-port.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import { parseAnyHandle } from '../../domain/secret/handle.js';
import { formerByReference } from '../credential/former.js';

/**
 * State of a leaked secret: that of its version, `deleted` with its credential, or `ended` for an access token that is
 * over and for a version that is no longer listed.
 */
export type LeakState = VersionState | 'deleted' | 'ended';

/** A leak with what has become of the secret. */
export interface LeakedSecret {
  readonly leak: Leak;
  /** Whether the secret would authenticate now; null where this login may not know. */
  readonly isLive: boolean | null;
  /** Null where nothing is known of it. */
  readonly state: LeakState | null;
  /** Its credential, a deleted one included; null where it is not known. */
  readonly credential: {
    readonly id: string;
    /** Null where the trail does not record it. */
    readonly name: string | null;
    readonly owner: string | null;
    readonly status: CredentialStatus | 'deleted';
  } | null;
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
}

/**
 * A page of leaks, the last found first, each judged at `now` (epoch milliseconds). A leak holds no secret, so what is
 * judged is the version that its handle names; it was compared when the leak was found.
 *
 * @throws CredctlError `usage` for a cursor of another list
 */
export async function listLeaks(
  store: StoreReader,
  query: LeakQuery,
  now: number,
): Promise<Page<LeakedSecret>> {
  const { items, nextCursor } = await store.listLeaks(query);
  const catalog = await store.catalog();
  const leaked: LeakedSecret[] = [];
  for (const leak of items) leaked.push(await judged(store, catalog, leak, now));
  return { items: leaked, nextCursor };
}

/** One leak, judged as {@link listLeaks} does. */
export async function judged(
  store: StoreReader,
  catalog: Catalog,
  leak: Leak,
  now: number,
): Promise<LeakedSecret> {
  const nothing = { leak, lastUsedAt: null, lastUsedFrom: null };
  if (leak.credentialId === null) return { ...nothing, isLive: false, state: null, credential: null };
  const credential = await store.findCredential(leak.credentialId);
  if (credential === null) {
    const name = await nameOfDeleted(store, leak.credentialId);
    const deleted = { id: leak.credentialId, name, owner: null, status: 'deleted' as const };
    return { ...nothing, isLive: false, state: 'deleted', credential: deleted };
  }
  const version = credential.versions.find(({ number }) => number === leak.version) ?? null;
  return {
    leak,
    ...(leak.kind === 'tok'
      ? await stateOfToken(store, catalog, leak, now)
      : stateOfVersion(catalog, credential, version, now)),
    credential: {
      id: credential.id,
      name: credential.name,
      owner: credential.owner?.name ?? null,
      status: credentialStatus(credential, now),
    },
    lastUsedAt: version?.lastUsedAt ?? null,
    lastUsedFrom: version?.lastUsedFrom ?? null,
  };
}

type Judged = Pick<LeakedSecret, 'isLive' | 'state'>;

function stateOfVersion(
  catalog: Catalog,
  credential: Credential,
  version: Version | null,
  now: number,
): Judged {
  if (version === null) return { isLive: false, state: 'ended' };
  const reason = judge({ credential, version, token: null }, now, () =>
    scopesHeld(catalog, credential, null),
  );
  return { isLive: reason === null, state: versionState(version, now) };
}

async function stateOfToken(
  store: StoreReader,
  catalog: Catalog,
  { handle }: Leak,
  now: number,
): Promise<Judged> {
  const found = await unlessDenied(() => store.findPresentedToken(parseAnyHandle(handle)?.id ?? ''));
  if (found === 'denied') return { isLive: null, state: null };
  if (found === null) return { isLive: false, state: 'ended' };
  const { credential, version } = found;
  const token = limitedToken(catalog, found.token);
  const reason = judge({ credential, version, token }, now, () => scopesHeld(catalog, credential, token));
  return { isLive: reason === null, state: reason === null ? 'current' : 'ended' };
}

/** The role `auditor` may not read access tokens. */
async function unlessDenied(
  look: () => Promise<PresentedToken | null>,
): Promise<PresentedToken | null | 'denied'> {
  try {
    return await look();
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'denied') return 'denied';
    throw fault;
  }
}

async function nameOfDeleted(store: StoreReader, id: string): Promise<string | null> {
  return (await formerByReference(store, id))?.name ?? null;
}
