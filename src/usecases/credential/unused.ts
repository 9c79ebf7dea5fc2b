import { type Credential, credentialStatus } from '../../domain/credential/credential.js';
import { isUnusedSince } from '../../domain/credential/use.js';
import type { Duration } from '../../domain/duration.js';
import { CredctlError, conflictError } from '../../domain/errors.js';
import type { StoreReader, StoreTransaction } from '../../domain/ports/store-port.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { applyStatus } from './activation.js';
import { pagesOfCredentials } from './all.js';
import { applyDeletion } from './delete.js';
import { refuseIfInUse, refuseIfUsed, type UseGuard } from './guard.js';

/** What happens to unused credentials. */
export type Cut = 'deactivate' | 'delete';

/** The credentials that were not used for some time: the active ones for a deactivation, all for a deletion. */
export interface UnusedSelection {
  readonly cut: Cut;
  readonly unusedFor: Duration;
  /** Epoch milliseconds: when the time counts back from. */
  readonly now: number;
}

/** A batch of the selection, after its transaction. */
export interface CutBatch {
  readonly done: readonly Credential[];
  /** Refused by the guard. */
  readonly refused: readonly { readonly credential: Credential; readonly fault: CredctlError }[];
  /** Used since they were selected, as they are now. */
  readonly used: readonly Credential[];
}

/** Credentials changed in one transaction. */
const BATCH = 50;

function since({ now, unusedFor }: UnusedSelection): number {
  return now - unusedFor.ms;
}

/** The selected credentials, by name, in pages; no canary, which nothing should ever use. */
export async function* unusedCredentials(
  store: StoreReader,
  selection: UnusedSelection,
  size?: number,
): AsyncGenerator<readonly Credential[]> {
  const { cut, now } = selection;
  const status = cut === 'deactivate' ? ({ status: 'active' } as const) : {};
  const pages = pagesOfCredentials(store, { now, unusedSince: since(selection), ...status }, size);
  for await (const page of pages) yield page.filter(({ canary }) => !canary);
}

/**
 * Refuses a selection in a store into which no server records uses: everything would seem unused.
 *
 * @throws CredctlError `conflict`
 */
export async function requireRecordedUses(store: StoreReader, selection: UnusedSelection): Promise<void> {
  const { now, unusedFor } = selection;
  const usedAfter = since(selection);
  const { items } = await store.listCredentials({ now, usedAfter, sort: 'last-used', limit: 1 });
  if (items.length > 0) return;
  throw conflictError(
    `this store recorded no use of any credential within ${unusedFor.text}; probably no server uses this store`,
    'check that your servers use this store; --force goes on anyway',
  );
}

/**
 * Deactivates or deletes the selected credentials, in batches of one transaction each, in which each credential is
 * looked at again: one that was used since the selection is left alone.
 */
export async function* cutUnused(
  deps: Dependencies,
  selection: UnusedSelection,
  guard: UseGuard = {},
): AsyncGenerator<CutBatch> {
  for await (const page of unusedCredentials(deps.store, selection, BATCH)) {
    if (page.length > 0)
      yield await change(deps, (tx, now) => cutBatch(deps, tx, { page, selection, guard, now }));
  }
}

async function cutBatch(
  deps: Dependencies,
  tx: StoreTransaction,
  batch: {
    readonly page: readonly Credential[];
    readonly selection: UnusedSelection;
    readonly guard: UseGuard;
    readonly now: number;
  },
): Promise<CutBatch> {
  const { selection, guard, now } = batch;
  const done: Credential[] = [];
  const used: Credential[] = [];
  const refused: { credential: Credential; fault: CredctlError }[] = [];
  for (const { id } of batch.page) {
    const credential = await tx.findCredential(id);
    if (credential === null || !isStillMeant(credential, selection, now)) continue;
    const fault = refusalBy(guard, selection.cut, credential, now);
    if (!isUnusedSince(credential, since(selection))) used.push(credential);
    else if (fault !== null) refused.push({ credential, fault });
    else {
      await applyCut(deps, tx, selection.cut, credential, now);
      done.push(credential);
    }
  }
  return { done, refused, used };
}

function isStillMeant(credential: Credential, { cut }: UnusedSelection, now: number): boolean {
  return cut === 'delete' || credentialStatus(credential, now) === 'active';
}

async function applyCut(
  deps: Dependencies,
  tx: StoreTransaction,
  cut: Cut,
  credential: Credential,
  now: number,
): Promise<void> {
  if (cut === 'delete') await applyDeletion(deps, tx, credential, now);
  else await applyStatus(deps, tx, credential, 'inactive', now);
}

function refusalBy(guard: UseGuard, cut: Cut, credential: Credential, now: number): CredctlError | null {
  try {
    if (cut === 'delete') refuseIfUsed(credential, guard, now);
    else refuseIfInUse(credential, guard, now);
    return null;
  } catch (fault) {
    if (fault instanceof CredctlError) return fault;
    throw fault;
  }
}
