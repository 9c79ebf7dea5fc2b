import { storedScopesOf } from '../../domain/credential/credential.js';
import { CredctlError } from '../../domain/errors.js';
import type { SecretHasher } from '../../domain/ports/ports.js';
import type { ServingStore } from '../../domain/ports/serving-port.js';
import type { Catalog, Scope } from '../../domain/scope/catalog.js';
import { presentScope, underStoredIds } from '../../domain/scope/present-scopes.js';
import {
  formatScope,
  normaliseScopes,
  parseScope,
  satisfiesAll,
  tokenLifetime,
} from '../../domain/scope/scope.js';
import { LONGEST_LIST, LONGEST_SCOPE, MOST_ASKED_SCOPES } from '../../domain/scope/token-scopes.js';
import { composeSecret, drawSecret, drawTokenId } from '../../domain/secret/secret-format.js';
import type { Dependencies } from '../dependencies.js';
import { BoundedMap } from './bounded-map.js';
import { endOf, type Principal } from './principal.js';

/** An access token response (RFC 6749 §5.1). */
export interface IssuedToken {
  readonly accessToken: string;
  /** Lifetime in seconds, at least one. */
  readonly expiresIn: number;
  readonly scopes: readonly string[];
}

/** Why no token was issued: the scope is not available, or the client was stopped concurrently. */
export type TokenRefusal = 'invalid_scope' | 'invalid_client';

/** External dependencies of {@link TokenIssuer}. */
export type TokenIssuerDependencies = {
  readonly store: ServingStore;
  readonly hasher: SecretHasher;
} & Pick<Dependencies, 'clock' | 'random'>;

/** The result of narrowing a requested scope. */
interface Narrowed {
  readonly scopes: readonly string[];
  /** The same as the token is stored with. */
  readonly stored: readonly string[];
  readonly lifetimeMs: number;
}

/** RFC 6749 §3.3: tokens of printable ASCII without quotes and backslashes, one space between them. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** Capacity of the cache of narrowed scopes per client, and the maximum length of a cached scope text. */
const MOST_REMEMBERED = 20;
const LONGEST_REMEMBERED = 256;

/** Maximum number of token ids drawn per request. */
const ATTEMPTS = 2;

/** Issues access tokens to authenticated clients: client credentials grant (RFC 6749 §4.4). */
export class TokenIssuer {
  readonly #deps: TokenIssuerDependencies;
  /**
   * Cache of narrowed scopes. Its key is the credential object, which is read anew in each generation of the
   * store.
   */
  readonly #narrowed = new WeakMap<Principal['credential'], BoundedMap<Narrowed>>();

  constructor(deps: TokenIssuerDependencies) {
    this.#deps = deps;
  }

  /**
   * Issues a token. It is durable before it is returned; its lifetime is the catalog's, capped at the end of
   * the principal.
   *
   * @param scope requested scope; null for all that the client holds
   * @throws CredctlError `store_unavailable`
   */
  async issue(principal: Principal, scope: string | null): Promise<IssuedToken | TokenRefusal> {
    const narrowed = this.#narrow(principal, scope);
    if (narrowed === null) return 'invalid_scope';
    const { store, hasher, clock, random } = this.#deps;
    const { scopes, stored } = narrowed;
    const issuedAt = clock.now();
    const expiresAt = Math.min(issuedAt + narrowed.lifetimeMs, endOf(principal) ?? Number.POSITIVE_INFINITY);
    const bytes = (length: number) => random.bytes(length);
    const secret = drawSecret(bytes);
    const rest = {
      credentialId: principal.credential.id,
      versionId: principal.version.id,
      digest: hasher.digest(secret),
      scopes: stored,
      issuedAt,
      expiresAt,
    };
    // The insert fails when the version has ended or the id collides. Two collisions in a row are ruled out, so
    // a second failure means the former.
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const id = drawTokenId(bytes, issuedAt);
      if (!(await store.insertToken({ id, ...rest }))) continue;
      return {
        accessToken: composeSecret(principal.prefix, 'tok', id, secret),
        expiresIn: Math.max(1, Math.floor((expiresAt - issuedAt) / 1_000)),
        scopes,
      };
    }
    return 'invalid_client';
  }

  #narrow(principal: Principal, scope: string | null): Narrowed | null {
    if (scope !== null && scope.length > LONGEST_REMEMBERED) return narrow(principal, scope);
    const remembered = this.#rememberedOf(principal.credential);
    const key = scope ?? '';
    const found = remembered.get(key);
    if (found !== undefined) return found;
    const narrowed = narrow(principal, scope);
    if (narrowed !== null) remembered.set(key, narrowed);
    return narrowed;
  }

  #rememberedOf(credential: Principal['credential']): BoundedMap<Narrowed> {
    const found = this.#narrowed.get(credential);
    if (found !== undefined) return found;
    const remembered = new BoundedMap<Narrowed>(MOST_REMEMBERED);
    this.#narrowed.set(credential, remembered);
    return remembered;
  }
}

function narrow(principal: Principal, scope: string | null): Narrowed | null {
  const scopes = scope === null ? principal.scopes : narrowed(principal, scope);
  if (scopes === null) return null;
  const { catalog, credential } = principal;
  const held = storedScopesOf(credential);
  const stored = scope === null ? held : underStoredIds(catalog, scopes, held);
  if (JSON.stringify(stored).length > LONGEST_LIST) return null;
  return { scopes, stored, lifetimeMs: tokenLifetime(principal.catalog, scopes) * 1_000 };
}

/** The requested scopes, normalised; null when one is not held or not valid. */
function narrowed({ catalog, credential, scopes: held }: Principal, text: string): readonly string[] | null {
  if (!SCOPE.test(text)) return null;
  const given = [...new Set(text.split(' '))];
  if (given.length > MOST_ASKED_SCOPES || given.some((scope) => scope.length > LONGEST_SCOPE)) return null;
  try {
    const asked = completed(catalog, held, given);
    const { scopes } = normaliseScopes(catalog, credential.type, asked);
    return satisfiesAll(catalog, held, scopes) ? scopes : null;
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') return null;
    throw fault;
  }
}

/** Adds the resource to a scope requested without one, where the client holds it on exactly one resource. */
function completed(catalog: Catalog, held: readonly string[], texts: readonly string[]): readonly string[] {
  const places = new Map<string, Scope[]>();
  for (const scope of held.map((scope) => parseScope(scope))) {
    const key = `${scope.api}:${scope.permission}`;
    places.set(key, [...(places.get(key)?.slice(0, 1) ?? []), scope]);
  }
  return texts.map((text) => {
    const asked = presentScope(catalog, text);
    if (asked.resource !== null) return text;
    const keys = new Set([`${asked.api}:*`, formatScope(asked)]);
    const resources = [...keys]
      .flatMap((key) => places.get(key) ?? [])
      .flatMap(({ resource }) => resource ?? []);
    const [only, another] = resources;
    return only === undefined || another !== undefined ? text : formatScope({ ...asked, resource: only });
  });
}
