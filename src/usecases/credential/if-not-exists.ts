import type { Credential } from '../../domain/credential/credential.js';
import { neverReceived } from '../../domain/credential/rotation.js';
import { CredctlError, conflictError } from '../../domain/errors.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { scopesToHold } from '../../domain/scope/scopes-to-hold.js';
import { quote, shellCommand, shellWord } from '../../domain/text/quote.js';
import { HeldName, isBeingCreated } from '../delivery/held-version.js';
import { refuseToIssue } from '../delivery/stop.js';
import { wasDelivered } from '../delivery/told-ends.js';
import type { Dependencies } from '../dependencies.js';
import { type Comparable, differences } from './issue-again.js';
import type { IssueInput } from './issue-input.js';
import { resolveOwner } from './resolve-owner.js';

/** What a caller asked for; absent members are not compared, nor are labels beyond those that were asked for. */
export type Wanted = Pick<IssueInput, 'name'> & Partial<Omit<IssueInput, 'destinations'>>;

/** The result of {@link createIfNotExists}: what `create` returned, or what was there. */
export type CreatedOrPresent<T> =
  | { readonly isPresent: false; readonly created: T }
  | { readonly isPresent: true; readonly credential: Credential };

/** How often the store is asked whether another create has ended, in milliseconds, and how many times. */
const POLL_MS = 100;
const POLLS = 100;

/** The pauses that are left for waiting. */
interface Patience {
  left: number;
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * Creates a credential unless one of its name exists, also where one appears while it is created. One whose first
 * secret was never received does not count as existing: `create` decides about it. While another process creates it, its
 * outcome is waited for, some seconds.
 *
 * @param create creates it; called again after it was refused since another process was at it
 * @param pause waits for so many milliseconds
 * @throws CredctlError `conflict` that names what differs from what was wanted, and whatever `create` throws
 */
export async function createIfNotExists<T>(
  deps: Dependencies,
  wanted: Wanted,
  create: () => Promise<T>,
  pause: (ms: number) => Promise<void>,
): Promise<CreatedOrPresent<T>> {
  const patience = { left: POLLS, pause };
  const before = await settled(deps, wanted, patience);
  if (before !== null) return { isPresent: true, credential: before };
  for (;;) {
    try {
      return { isPresent: false, created: await create() };
    } catch (fault) {
      // A conflict is found before anything is delivered.
      if (!(fault instanceof CredctlError) || fault.code !== 'conflict') throw fault;
      const since = await settled(deps, wanted, patience);
      if (since !== null) return { isPresent: true, credential: since };
      if (!(fault instanceof HeldName) || patience.left === 0) throw fault;
      patience.left -= 1;
    }
  }
}

/** As {@link present}, once no other process is creating it any more, or waiting has taken too long. */
async function settled(deps: Dependencies, wanted: Wanted, patience: Patience): Promise<Credential | null> {
  for (;;) {
    const found = await present(deps, wanted);
    if (found !== null || patience.left === 0) return found;
    const other = await deps.store.findCredential(wanted.name);
    if (other === null || !isBeingCreated(deps, other, deps.clock.now())) return present(deps, wanted);
    patience.left -= 1;
    deps.stop?.watch();
    await patience.pause(POLL_MS);
    await refuseToIssue(deps);
  }
}

async function present(deps: Dependencies, wanted: Wanted): Promise<Credential | null> {
  const credential = await received(deps.store, wanted.name);
  if (credential === null) return null;
  const { name, type } = credential;
  const differing = differences(
    credential,
    await resolved(deps, wanted.type ?? type, wanted),
    deps.clock.now(),
  );
  if (differing.length === 0) return credential;
  throw conflictError(
    `${quote(name)} exists ${differing.join(', ')}`,
    `${shellCommand(`credctl show ${shellWord(name)}`)} shows it, 'credctl edit' changes it`,
  );
}

/** The credential of the name, unless none of its secrets was received. */
async function received(store: StoreReader, name: string): Promise<Credential | null> {
  const credential = await store.findCredential(name);
  if (credential === null || !neverReceived(credential.versions)) return credential;
  if (!(await wasDelivered(store, credential.id))) return null;
  // A delivery may complete between the two reads: what it changed is read again. So may a deletion, after which the
  // name may be another credential's.
  const again = await store.findCredential(name);
  return again === null || again.id === credential.id ? again : received(store, name);
}

async function resolved(
  { store }: Dependencies,
  type: Credential['type'],
  { name, scopes, owner, labels, ...rest }: Wanted,
): Promise<Comparable> {
  return {
    ...rest,
    ...(scopes === undefined
      ? {}
      : { scopes: scopesToHold(await store.catalog(), { type, ...rest }, scopes).scopes }),
    ...(owner === undefined ? {} : { ownerId: (await resolveOwner(store, owner))?.id ?? null }),
    ...(labels === undefined ? {} : { someLabels: labels }),
  };
}
