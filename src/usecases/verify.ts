import type { Catalog } from '../domain/catalog.js';
import { formatScope, parseRequirement, satisfies } from '../domain/scope.js';
import { type ParsedSecret, parseSecret } from '../domain/secret-format.js';
import type { StoreReader } from '../domain/store-port.js';
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
  const catalog = await deps.store.catalog();
  const required = input.scopes.map((scope) => formatScope(parseRequirement(catalog, scope)));
  const verdict = await decide(deps, catalog, input, required);
  return verdict.valid ? countUse(deps, verdict) : verdict;
}

/** Looks once more inside the transaction: what ended meanwhile is neither valid nor a use. */
async function countUse(deps: VerifyDependencies, verdict: Verdict & { valid: true }): Promise<Verdict> {
  return deps.store.write(async (tx) => {
    const now = deps.clock.now();
    await stampEnded(deps, tx, now);
    const present = await tx.findPresentedVersion(verdict.version.id);
    if (present === null) return refused('unknown');
    const again = judge(present.credential, present.version, now, true);
    if (again.valid) await tx.recordUse(present.version.id, now);
    return again;
  });
}

async function decide(
  deps: VerifyDependencies,
  catalog: Catalog,
  input: VerifyInput,
  required: readonly string[],
): Promise<Verdict> {
  const parsed = parseSecret(input.secret);
  if (parsed === null) return refused('malformed');
  const { prefix, hashPolicy } = await deps.store.settings();
  const now = deps.clock.now();
  if (parsed.kind === 'tok') return decideToken(deps, catalog, parsed, prefix, input.clientId, required, now);
  const found = parsed.prefix === prefix ? await deps.store.findPresentedVersion(parsed.id) : null;
  const isMatch =
    found === null
      ? await deps.hasher.matchesNothing(parsed.secret, hashPolicy)
      : await deps.hasher.matches(parsed.secret, found.hash);
  const isKnown =
    found !== null &&
    (found.credential.type === 'api-key') === (parsed.kind === 'key') &&
    isSameClient(found.credential.clientId, input.clientId);
  if (!isKnown) return refused('unknown');
  if (!isMatch) return refused('wrong_secret');
  const covers = required.every((scope) => satisfies(catalog, found.credential.scopes, scope));
  return judge(found.credential, found.version, now, covers);
}

async function decideToken(
  deps: Pick<Dependencies, 'hasher'> & { readonly store: StoreReader },
  catalog: Catalog,
  parsed: ParsedSecret,
  prefix: string,
  clientId: string | null,
  required: readonly string[],
  now: number,
): Promise<Verdict> {
  const found = parsed.prefix === prefix ? await deps.store.findPresentedToken(parsed.id) : null;
  const digest = deps.hasher.digest(parsed.secret);
  if (found === null || !isSameClient(found.credential.clientId, clientId)) return refused('unknown');
  if (!deps.hasher.isSameDigest(digest, found.token.digest)) return refused('wrong_secret');
  if (found.token.expiresAt <= now) return refused('expired');
  const held = found.token.scopes.filter((scope) => satisfies(catalog, found.credential.scopes, scope));
  const covers = held.length > 0 && required.every((scope) => satisfies(catalog, held, scope));
  return judge(found.credential, found.version, now, covers);
}

function isSameClient(held: string | null, presented: string | null): boolean {
  return presented === null || held === presented;
}
