import { CredctlError } from '../../domain/errors.js';
import type { SecretHasher } from '../../domain/ports.js';
import { formatScope, normaliseScopes, parseScope, satisfies, tokenLifetime } from '../../domain/scope.js';
import { composeSecret, drawBase62, drawSecret, ID_LENGTH } from '../../domain/secret-format.js';
import type { ServingStore } from '../../domain/serving-port.js';
import type { Dependencies } from '../dependencies.js';
import { endOf, type Grant } from './grant.js';

/** An access token on its way to its client, as RFC 6749 §5.1 has it. */
export interface GrantedToken {
  readonly accessToken: string;
  /** Seconds, at least one. */
  readonly expiresIn: number;
  readonly scopes: readonly string[];
}

/** Why there is no token: the scope cannot be had, or the client was stopped this very moment. */
export type TokenRefusal = 'invalid_scope' | 'invalid_client';

export type GrantTokenDependencies = {
  readonly store: ServingStore;
  readonly hasher: SecretHasher;
} & Pick<Dependencies, 'clock' | 'random'>;

/** RFC 6749 §3.3: tokens of printable ASCII without quotes and backslashes, one space between them. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/**
 * Grants an access token to a client that has proven who it is (RFC 6749 §4.4). It is durable before it is returned,
 * lives as long as the catalog says, and not longer than what obtained it.
 *
 * @param scope what the client asks for; null for all that it holds
 * @throws CredctlError `store_unavailable`
 */
export async function grantToken(
  deps: GrantTokenDependencies,
  grant: Grant,
  scope: string | null,
): Promise<GrantedToken | TokenRefusal> {
  const scopes = scope === null ? grant.scopes : narrowed(grant, scope);
  if (scopes === null) return 'invalid_scope';
  const issuedAt = deps.clock.now();
  const lifetime = issuedAt + tokenLifetime(grant.catalog, scopes) * 1_000;
  const expiresAt = Math.min(lifetime, endOf(grant) ?? Number.POSITIVE_INFINITY);
  const bytes = (length: number): Uint8Array => deps.random.bytes(length);
  const id = drawBase62(bytes, ID_LENGTH);
  const secret = drawSecret(bytes);
  const isKept = await deps.store.insertToken({
    id,
    credentialId: grant.credential.id,
    versionId: grant.version.id,
    digest: deps.hasher.digest(secret),
    scopes,
    issuedAt,
    expiresAt,
  });
  if (!isKept) return 'invalid_client';
  return {
    accessToken: composeSecret(grant.prefix, 'tok', id, secret),
    expiresIn: Math.max(1, Math.floor((expiresAt - issuedAt) / 1_000)),
    scopes,
  };
}

/** More than anybody holds, and few enough to look at. */
const MOST_SCOPES = 200;
const LONGEST_SCOPE = 512;

/** The scopes asked for, as far as they are held; null when one of them is not, or is none. */
function narrowed({ catalog, credential, scopes: held }: Grant, text: string): readonly string[] | null {
  if (!SCOPE.test(text)) return null;
  const given = [...new Set(text.split(' '))];
  if (given.length > MOST_SCOPES || given.some((scope) => scope.length > LONGEST_SCOPE)) return null;
  try {
    const asked = given.map((scope) => completed(held, scope));
    const { scopes } = normaliseScopes(catalog, credential.type, asked);
    return scopes.every((scope) => satisfies(catalog, held, scope)) ? scopes : null;
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') return null;
    throw fault;
  }
}

/** A scope that leaves out the resource means the one resource on which the client holds it. */
function completed(held: readonly string[], text: string): string {
  const asked = parseScope(text);
  if (asked.resource !== null) return text;
  const resources = held
    .map(parseScope)
    .filter(({ api, permission }) => api === asked.api && ['*', asked.permission].includes(permission))
    .flatMap(({ resource }) => (resource === null ? [] : [resource]));
  const [only, ...others] = resources;
  return only === undefined || others.length > 0 ? text : formatScope({ ...asked, resource: only });
}
