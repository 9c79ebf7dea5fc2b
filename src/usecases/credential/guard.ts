import type { Credential, OwnerSummary } from '../../domain/credential/credential.js';
import { whyStopped } from '../../domain/credential/stopped.js';
import { describeLastUse, type LastUse, wasUsedAfter } from '../../domain/credential/use.js';
import { authenticates } from '../../domain/credential/version.js';
import type { Duration } from '../../domain/duration.js';
import { type CredctlError, conflictError } from '../../domain/errors.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { shellWord } from '../../domain/text/quote.js';

/** Optimistic locking of a change. */
export interface RevisionGuard {
  /** Refuse when the credential's revision is not this one. */
  readonly ifRevision?: number | undefined;
}

/** Guard of a change that ends what may be in use. */
export interface UseGuard {
  /**
   * Refuse when something that would stop was used within this time. A server records a use up to 5 s after it
   * happened.
   */
  readonly unlessUsedWithin?: Duration | undefined;
}

/** Guards of a change of one credential. */
export interface ChangeGuard extends RevisionGuard, UseGuard {}

/** Names in a message; the others are counted. */
const MOST_NAMES = 5;

/**
 * Refuses a credential that was edited since.
 *
 * @throws CredctlError `conflict`
 */
export function requireRevision({ name, revision }: Credential, { ifRevision }: RevisionGuard): void {
  if (ifRevision === undefined || ifRevision === revision) return;
  throw conflictError(
    `${name} was edited: its revision is ${revision}, not ${ifRevision}`,
    `see what it is now: credctl show ${shellWord(name)}`,
  );
}

/**
 * Refuses a credential that was used within the time of the guard, whether it works now or not.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `conflict`
 */
export function refuseIfUsed(credential: Credential, { unlessUsedWithin }: UseGuard, now: number): void {
  if (unlessUsedWithin === undefined || !wasUsedAfter(credential, now - unlessUsedWithin.ms)) return;
  throw inUse([[credential.name, credential]], unlessUsedWithin);
}

/**
 * As {@link refuseIfUsed}, for a credential that works.
 *
 * @throws CredctlError `conflict`
 */
export function refuseIfInUse(credential: Credential, guard: UseGuard, now: number): void {
  if (whyStopped(credential, now) === null) refuseIfUsed(credential, guard, now);
}

/**
 * Refuses a credential of which a secret that works was used within the time of the guard.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `conflict`
 */
export function refuseIfSecretsUsed(
  { name, versions }: Credential,
  { unlessUsedWithin }: UseGuard,
  now: number,
): void {
  if (unlessUsedWithin === undefined) return;
  const used = versions.filter(
    (version) => authenticates(version, now) && wasUsedAfter(version, now - unlessUsedWithin.ms),
  );
  if (used.length === 0) return;
  const uses = used.map((version): Use => [`version ${version.number} of ${name}`, version]);
  throw inUse(uses, unlessUsedWithin);
}

/**
 * Refuses an owner of whom a credential that works was used within the time of the guard.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `conflict`
 */
export async function refuseIfCredentialsUsed(
  store: StoreReader,
  owner: OwnerSummary,
  { unlessUsedWithin }: UseGuard,
  now: number,
): Promise<void> {
  if (unlessUsedWithin === undefined) return;
  const usedAfter = now - unlessUsedWithin.ms;
  const latest: Use[] = [];
  let count = 0;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<StoreReader['listCredentials']>> = await store.listCredentials({
      ...{ now, ownerId: owner.id, status: 'active', usedAfter, sort: 'last-used', limit: 200 },
      ...(cursor === null ? {} : { cursor }),
    });
    const working = page.items.filter((credential) => whyStopped(credential, now) === null);
    count += working.length;
    const named = working.slice(0, MOST_NAMES - latest.length);
    latest.push(...named.map((credential): Use => [credential.name, credential]));
    cursor = page.nextCursor;
  } while (cursor !== null);
  if (count > 0) throw inUse(latest, unlessUsedWithin, count);
}

type Use = readonly [what: string, use: LastUse];

/** @param count of all that are in use, of which `uses` has the first */
function inUse(uses: readonly Use[], within: Duration, count = uses.length): CredctlError {
  const [[what, use] = ['it', { lastUsedAt: null, lastUsedFrom: null }]] = uses;
  const list = uses.map(([each, its]) => `${each} (${describeLastUse(its)})`).join(', ');
  const more = count > uses.length ? ` and ${count - uses.length} more` : '';
  return conflictError(
    count === 1
      ? `${what} was ${describeLastUse(use)}: within ${within.text}`
      : `${count} secrets that would stop were used within ${within.text}: ${list}${more}`,
    'nothing was stopped; give the apps another secret first, or leave out --unless-used-within',
  );
}
