import type { Catalog } from '../domain/catalog.js';
import { formatScope, parseRequirement, satisfies } from '../domain/scope.js';
import { type ParsedSecret, parseSecret } from '../domain/secret-format.js';
import type { PresentedToken, PresentedVersion, StoreReader } from '../domain/store-port.js';
import { judge, refused, type Verdict } from '../domain/verdict.js';
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
  const found = await lookUp(deps.store, parsed);
  const isMatch = await matches(deps, parsed, found);
  const verdict = isKnown(found, demand)
    ? isMatch
      ? assess(found, catalog, demand, deps.clock.now())
      : refused('wrong_secret')
    : refused('unknown');
  return verdict.valid ? countUse(deps, demand) : verdict;
}

interface Demand {
  readonly parsed: ParsedSecret;
  readonly clientId: string | null;
  readonly required: readonly string[];
}

/** What a presented secret's public part leads to. A token has the hash of its own. */
type Found = (PresentedVersion & { readonly token: null }) | (PresentedToken & { readonly hash: null });

async function lookUp(store: StoreReader, parsed: ParsedSecret): Promise<Found | null> {
  const { prefix } = await store.settings();
  if (parsed.prefix !== prefix) return null;
  if (parsed.kind === 'tok') {
    const found = await store.findPresentedToken(parsed.id);
    return found === null ? null : { ...found, hash: null };
  }
  const found = await store.findPresentedVersion(parsed.id);
  return found === null ? null : { ...found, token: null };
}

/** An unknown id costs as much as a wrong secret. */
async function matches(
  deps: VerifyDependencies,
  parsed: ParsedSecret,
  found: Found | null,
): Promise<boolean> {
  if (parsed.kind === 'tok') {
    const digest = deps.hasher.digest(parsed.secret);
    return deps.hasher.isSameDigest(digest, found?.token?.digest ?? deps.hasher.digest(''));
  }
  if (found?.hash != null) return deps.hasher.matches(parsed.secret, found.hash);
  return deps.hasher.matchesNothing(parsed.secret, (await deps.store.settings()).hashPolicy);
}

function isKnown(found: Found | null, { parsed, clientId }: Demand): found is Found {
  if (found === null) return false;
  const isOfKind = parsed.kind === 'tok' || (found.credential.type === 'api-key') === (parsed.kind === 'key');
  return isOfKind && (clientId === null || found.credential.clientId === clientId);
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

/** Looks once more inside the transaction: what ended meanwhile is neither valid nor a use. */
async function countUse(deps: VerifyDependencies, demand: Demand): Promise<Verdict> {
  return deps.store.write(async (tx) => {
    const now = deps.clock.now();
    await stampEnded(deps, tx, now);
    const found = await lookUp(tx, demand.parsed);
    const verdict = isKnown(found, demand)
      ? assess(found, await tx.catalog(), demand, now)
      : refused('unknown');
    if (verdict.valid) await tx.recordUse(verdict.version.id, now);
    return verdict;
  });
}
