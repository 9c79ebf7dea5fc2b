import type { Catalog } from '../domain/catalog.js';
import type { SecretHasher } from '../domain/ports.js';
import { formatScope, parseRequirement, satisfies } from '../domain/scope.js';
import { type ParsedSecret, parseSecret } from '../domain/secret-format.js';
import type {
  ComparableVersion,
  PresentedToken,
  PresentedVersion,
  Store,
  StoreReader,
  StoreSettings,
} from '../domain/store-port.js';
import { judge, type RefusalReason, refused, type Verdict } from '../domain/verdict.js';
import type { Dependencies } from './dependencies.js';
import { stampEnded } from './stamp.js';

/** A presented secret and what it must be good for. */
export interface VerifyInput {
  /** An API key, a client secret or an access token. */
  readonly secret: string;
  /** The client id that it was presented with, when there was one. */
  readonly clientId: string | null;
  readonly scopes: readonly string[];
}

type VerifyDependencies = Pick<Dependencies, 'store' | 'clock' | 'hasher' | 'processes' | 'author'>;

/**
 * Answers whether a presented secret is good, and counts it as a use when it is.
 *
 * @throws CredctlError `usage` when a required scope is not in the catalog; a refusal is a value
 */
export async function verify(deps: VerifyDependencies, input: VerifyInput): Promise<Verdict> {
  const parsed = parseSecret(input.secret);
  if (parsed === null) return refused('malformed');
  const catalog = await deps.store.catalog();
  const required = input.scopes.map((scope) => formatScope(parseRequirement(catalog, scope)));
  const demand = { parsed, clientId: input.clientId, required };
  const refusal =
    parsed.kind === 'tok'
      ? await refuseToken(deps, demand)
      : await refuseSecret(
          deps,
          await deps.store.settings(),
          demand,
          await deps.store.findComparable(parsed.id),
        );
  if (refusal !== null) return refused(refusal);
  const found = await lookUp(deps.store, parsed);
  const verdict = found === null ? refused('unknown') : assess(found, catalog, demand, deps.clock.now());
  return verdict.valid ? countUse(deps, demand) : verdict;
}

/** A presented secret, taken apart, and what it must be good for. */
export interface Demand {
  readonly parsed: ParsedSecret;
  readonly clientId: string | null;
  readonly required: readonly string[];
}

/** What a presented secret's public part leads to. */
type Found = (PresentedVersion & { readonly token: null }) | PresentedToken;

/**
 * Compares an API key or a client secret with the version of its id, before anything of that is judged: where there is
 * none, that costs as much as a wrong secret.
 *
 * @returns null when it is right
 */
export async function refuseSecret(
  { hasher }: { readonly hasher: SecretHasher },
  { prefix, hashPolicy }: Pick<StoreSettings, 'prefix' | 'hashPolicy'>,
  { parsed, clientId }: Pick<Demand, 'parsed' | 'clientId'>,
  comparable: ComparableVersion | null,
): Promise<RefusalReason | null> {
  const isMatch =
    comparable === null
      ? await hasher.matchesNothing(parsed.secret, hashPolicy)
      : await hasher.matches(parsed.secret, comparable.hash);
  const isKnown =
    comparable !== null &&
    parsed.prefix === prefix &&
    (comparable.type === 'api-key') === (parsed.kind === 'key') &&
    (clientId === null || comparable.clientId === clientId);
  if (!isKnown) return 'unknown';
  return isMatch ? null : 'wrong_secret';
}

async function refuseToken(deps: VerifyDependencies, demand: Demand): Promise<RefusalReason | null> {
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

function assess(
  { credential, version, token }: Found,
  catalog: Catalog,
  demand: Demand,
  now: number,
): Verdict {
  const verdict = judge(credential, version, now, true);
  if (!verdict.valid) return verdict;
  if (token !== null && token.expiresAt <= now) return refused('expired');
  const held =
    token === null
      ? credential.scopes
      : token.scopes.filter((scope) => satisfies(catalog, credential.scopes, scope));
  const covers = held.length > 0 && demand.required.every((scope) => satisfies(catalog, held, scope));
  return judge(credential, version, now, covers);
}

/**
 * Counts a use of a secret that has been proven right. Looks once more inside the transaction: what ended meanwhile
 * is neither valid nor a use.
 */
export async function countUse(
  deps: { readonly store: Pick<Store, 'write'> } & Pick<Dependencies, 'clock' | 'processes' | 'author'>,
  demand: Demand,
): Promise<Verdict> {
  return deps.store.write(async (tx) => {
    const now = deps.clock.now();
    await stampEnded(deps, tx, now);
    const found = await lookUp(tx, demand.parsed);
    const verdict = found === null ? refused('unknown') : assess(found, await tx.catalog(), demand, now);
    if (verdict.valid) await tx.recordUse(verdict.version.id, now, null);
    return verdict;
  });
}
