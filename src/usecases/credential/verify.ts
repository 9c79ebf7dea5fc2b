import {
  coverAll,
  judge,
  limitedToken,
  refused,
  scopesHeld,
  type Verdict,
} from '../../domain/credential/verdict.js';
import { CredctlError } from '../../domain/errors.js';
import { canaryPlace } from '../../domain/leak/leak.js';
import type { SecretHasher } from '../../domain/ports/ports.js';
import type {
  ComparableVersion,
  PresentedToken,
  PresentedVersion,
  Store,
  StoreReader,
  StoreSettings,
} from '../../domain/ports/store-port.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import { formatScope, parseRequirement } from '../../domain/scope/scope.js';
import { kindOf, type ParsedSecret, parseSecret } from '../../domain/secret/secret-format.js';
import { expireVersions } from '../delivery/expire-versions.js';
import type { Dependencies } from '../dependencies.js';
import { formerCredential } from './former.js';

/** A presented secret and the scopes it must cover. */
export interface VerifyInput {
  /** An API key, a client secret or an access token. */
  readonly secret: string;
  /** The client id presented with the secret; null when there was none. */
  readonly clientId: string | null;
  readonly scopes: readonly string[];
  /**
   * Whether a valid secret counts as a use, for callers that verify on behalf of a client (as the server does).
   */
  readonly recordUse: boolean;
}

type VerifyDependencies = Pick<Dependencies, 'store' | 'clock' | 'hasher' | 'processes' | 'author'>;

/**
 * Verifies a presented secret. This does not count as a use unless `recordUse` is set, but it proves receipt,
 * which is recorded where this login may write. A refusal is a value.
 *
 * @throws CredctlError `usage` when a required scope is not in the catalog
 */
export async function verify(deps: VerifyDependencies, input: VerifyInput): Promise<Verdict> {
  const parsed = parseSecret(input.secret);
  if (parsed === null) return refused('malformed');
  const catalog = await deps.store.catalog();
  const required = input.scopes.map((scope) => formatScope(parseRequirement(catalog, scope)));
  const demand = { parsed, clientId: input.clientId, required };
  const verdict = await reach(deps, catalog, demand, input.recordUse);
  if (verdict.valid || (verdict.reason !== 'unknown' && verdict.reason !== 'wrong_secret')) return verdict;
  // Timing side channel: this lookup runs for a wrong secret of an existing credential, too.
  const former = await formerCredential(deps.store, parsed);
  return verdict.reason === 'unknown' && former !== null
    ? { valid: false, reason: 'deleted', credential: former }
    : verdict;
}

/** The verdict; `unknown` also where the credential is deleted between one look at the store and the next. */
async function reach(
  deps: VerifyDependencies,
  catalog: Catalog,
  demand: Demand,
  recordUse: boolean,
): Promise<Verdict> {
  const isToken = demand.parsed.kind === 'tok';
  const mismatch = await (isToken ? compareToken(deps, demand) : compareSecret(deps, demand));
  if (mismatch !== null && mismatch !== 'canary') return refused(mismatch);
  const found = await lookUp(deps.store, demand.parsed);
  const verdict =
    found === null || isOfAnother(found, demand)
      ? refused('unknown')
      : assess(found, catalog, demand, deps.clock.now());
  if (!verdict.valid && verdict.reason === 'canary' && recordUse) await recordCanary(deps, demand);
  if (!verdict.valid) return verdict;
  if (recordUse) return countUse(deps, demand, null);
  return verdict.version.receivedAt === null ? noteReceipt(deps, demand, verdict) : verdict;
}

/** Whether the client id presented with a canary's secret is another one; of any other secret it was compared. */
function isOfAnother({ credential }: Found, { clientId }: Demand): boolean {
  return clientId !== null && credential.clientId !== clientId;
}

/** A canary's secret that a script was given to verify has leaked to whatever presented it. */
async function recordCanary(
  { store, clock }: Pick<VerifyDependencies, 'store' | 'clock'>,
  { parsed: { handle, kind } }: Demand,
): Promise<void> {
  await store.write(async (tx) => {
    const now = clock.now();
    const place = canaryPlace(null, now);
    const unknown = { credentialId: null, version: null };
    await tx.recordLeaks([{ handle, kind, ...unknown, source: 'canary', place }], now);
  });
}

/** A parsed secret and the scopes it must cover. */
export interface Demand {
  readonly parsed: ParsedSecret;
  readonly clientId: string | null;
  readonly required: readonly string[];
}

/** The row found by the public part of a presented secret. */
type Found = (PresentedVersion & { readonly token: null }) | PresentedToken;

/** Result of a comparison; null when the secret is right, `canary` when it is a canary's, with any client id. */
export type Mismatch = 'unknown' | 'wrong_secret' | 'canary' | null;

async function compareSecret(deps: VerifyDependencies, demand: Demand): Promise<Mismatch> {
  const settings = await deps.store.settings();
  return refuseSecret(deps, settings, demand, await deps.store.findComparable(demand.parsed.id));
}

/**
 * Compares an API key or a client secret with the version of its id, before its state is judged. Timing side
 * channel: every refusal costs one comparison per hash policy in the store, whether the version exists or not, and so
 * does the right secret of a canary.
 */
export async function refuseSecret(
  { hasher }: { readonly hasher: SecretHasher },
  { prefix, hashPolicy, earlierPolicies }: Pick<StoreSettings, 'prefix' | 'hashPolicy' | 'earlierPolicies'>,
  { parsed, clientId }: Pick<Demand, 'parsed' | 'clientId'>,
  comparable: ComparableVersion | null,
): Promise<Mismatch> {
  const compared = comparable?.hash ?? null;
  const isMatch = compared !== null && (await hasher.matches(parsed.secret, compared));
  const isOfKind = comparable !== null && parsed.prefix === prefix && kindOf(comparable.type) === parsed.kind;
  const isKnown = isOfKind && (clientId === null || comparable.clientId === clientId);
  if (isKnown && isMatch && !comparable.canary) return null;
  await hasher.spend(parsed.secret, [hashPolicy, ...earlierPolicies], compared);
  if (isOfKind && isMatch && comparable.canary) return 'canary';
  return isKnown ? 'wrong_secret' : 'unknown';
}

async function compareToken(deps: VerifyDependencies, demand: Demand): Promise<Mismatch> {
  const { prefix } = await deps.store.settings();
  const digest = deps.hasher.digest(demand.parsed.secret);
  const found = demand.parsed.prefix === prefix ? await lookUp(deps.store, demand.parsed) : null;
  if (found === null || found.token === null) return 'unknown';
  if (demand.clientId !== null && found.credential.clientId !== demand.clientId) return 'unknown';
  return deps.hasher.isSameDigest(digest, found.token.digest) ? null : 'wrong_secret';
}

async function lookUp(store: StoreReader, parsed: ParsedSecret): Promise<Found | null> {
  if (parsed.kind === 'tok') return store.findPresentedToken(parsed.id);
  const found = await store.findPresentedVersion(parsed.id);
  return found === null ? null : { ...found, token: null };
}

function assess(found: Found, catalog: Catalog, demand: Demand, now: number): Verdict {
  const { credential, version } = found;
  const token = found.token === null ? null : limitedToken(catalog, found.token);
  const scopes = scopesHeld(catalog, credential, token);
  const reason = judge(
    { credential, version, token },
    now,
    () => scopes,
    () => coverAll(catalog, scopes, demand.required),
  );
  return reason === null ? { valid: true, credential, version, scopes } : refused(reason);
}

/**
 * Repeats the verdict inside the write transaction (TOCTOU): a version that ended since the first read is
 * neither valid nor received.
 */
async function assessAgain(
  deps: Pick<Dependencies, 'clock' | 'processes' | 'author'>,
  store: Pick<Store, 'write'>,
  demand: Demand,
  change: (
    tx: Parameters<Parameters<Store['write']>[0]>[0],
    version: PresentedVersion['version'],
    now: number,
  ) => Promise<void>,
): Promise<Verdict> {
  return store.write(async (tx) => {
    const now = deps.clock.now();
    await expireVersions(deps, tx, now);
    const found = await lookUp(tx, demand.parsed);
    const verdict = found === null ? refused('unknown') : assess(found, await tx.catalog(), demand, now);
    if (verdict.valid) await change(tx, verdict.version, now);
    return verdict;
  });
}

/**
 * Records a use of a secret that was compared successfully, in one write transaction.
 *
 * @param from the address of the client; null where it is not known
 */
export async function countUse(
  deps: { readonly store: Pick<Store, 'write'> } & Pick<Dependencies, 'clock' | 'processes' | 'author'>,
  demand: Demand,
  from: string | null,
): Promise<Verdict> {
  return assessAgain(deps, deps.store, demand, (tx, version, now) => tx.recordUse(version.id, now, from));
}

/**
 * Records receipt, without an audit event. Best effort: a denied or unavailable store does not change the
 * answer.
 */
async function noteReceipt(deps: VerifyDependencies, demand: Demand, seen: Verdict): Promise<Verdict> {
  try {
    return await assessAgain(deps, deps.store, demand, async (tx, version, now) => {
      if (version.receivedAt === null) await tx.updateVersion(version.id, { receivedAt: now });
    });
  } catch (fault) {
    if (fault instanceof CredctlError && (fault.code === 'denied' || fault.code === 'store_unavailable')) {
      return seen;
    }
    throw fault;
  }
}
