import type { Credential } from '../../domain/credential/credential.js';
import { limitedToken } from '../../domain/credential/verdict.js';
import type { Version } from '../../domain/credential/version.js';
import type { StoreReader } from '../../domain/ports/store-port.js';
import { judgeFound, type Standing } from '../../domain/scan/finding.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import { kindOf, type ParsedSecret } from '../../domain/secret/secret-format.js';
import { formerCredential } from '../credential/former.js';
import type { Dependencies } from '../dependencies.js';

type LookDependencies = Pick<Dependencies, 'store' | 'clock' | 'hasher'>;

/** The row that a handle leads to, and whether the secret is that row's. */
interface Known {
  readonly credential: Credential;
  readonly version: Version;
  readonly token: { readonly issuedAt: number; readonly expiresAt: number } | null;
  readonly isRight: boolean;
}

/** What the store says of a well-formed secret. A look: neither a use nor a proof of receipt is recorded. */
export async function identify(deps: LookDependencies, secret: ParsedSecret): Promise<Standing> {
  const { prefix } = await deps.store.settings();
  const known = secret.prefix === prefix ? await lookUp(deps, secret) : null;
  if (known === null) return formerOrForeign(deps.store, secret);
  const { credential, version, token, isRight } = known;
  const judged = judgeFound({ credential, version, token }, isRight, deps.clock.now());
  if (judged.state === 'foreign') return { state: judged.state };
  return judged.state === 'dead'
    ? { ...judged, credential, version }
    : { state: judged.state, credential, version };
}

async function lookUp({ store, hasher }: LookDependencies, secret: ParsedSecret): Promise<Known | null> {
  if (secret.kind === 'tok') return lookUpToken({ store, hasher }, await store.catalog(), secret);
  const found = await store.findPresentedVersion(secret.id);
  if (found === null || kindOf(found.credential.type) !== secret.kind) return null;
  const { credential, version, hash } = found;
  return { credential, version, token: null, isRight: await hasher.matches(secret.secret, hash) };
}

async function lookUpToken(
  { store, hasher }: Pick<LookDependencies, 'store' | 'hasher'>,
  catalog: Catalog,
  secret: ParsedSecret,
): Promise<Known | null> {
  const found = await store.findPresentedToken(secret.id);
  if (found === null) return null;
  const { credential, version, token } = found;
  const isRight = hasher.isSameDigest(hasher.digest(secret.secret), token.digest);
  return { credential, version, token: limitedToken(catalog, token), isRight };
}

async function formerOrForeign(store: StoreReader, secret: ParsedSecret): Promise<Standing> {
  const former = await formerCredential(store, secret);
  return former === null ? { state: 'foreign' } : { state: 'dead', reason: 'deleted', credential: former };
}
