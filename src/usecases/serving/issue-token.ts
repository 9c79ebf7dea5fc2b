import { CredctlError } from '../../domain/errors.js';
import type { SecretHasher } from '../../domain/ports/ports.js';
import type { ServingStore } from '../../domain/ports/serving-port.js';
import type { Scope } from '../../domain/scope/catalog.js';
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

/** An access token on its way to its client, as RFC 6749 §5.1 has it. */
export interface IssuedToken {
  readonly accessToken: string;
  /** Seconds, at least one. */
  readonly expiresIn: number;
  readonly scopes: readonly string[];
}

/** Why there is no token: the scope cannot be had, or the client was stopped this very moment. */
export type TokenRefusal = 'invalid_scope' | 'invalid_client';

export type TokenGranterDependencies = {
  readonly store: ServingStore;
  readonly hasher: SecretHasher;
} & Pick<Dependencies, 'clock' | 'random'>;

/** What a scope that was asked for comes to. */
interface Narrowed {
  readonly scopes: readonly string[];
  readonly lifetimeMs: number;
}

/** RFC 6749 §3.3: tokens of printable ASCII without quotes and backslashes, one space between them. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** Scopes of a client whose meaning is remembered, and how long they may be at most. */
const MOST_REMEMBERED = 20;
const LONGEST_REMEMBERED = 256;

/** Ids that are drawn for one token at most. */
const ATTEMPTS = 2;

/** Grants access tokens to clients that have proven who they are (RFC 6749 §4.4). */
export class TokenIssuer {
  readonly #deps: TokenGranterDependencies;
  /** Clients ask for the same again and again. What is known of a client is read anew with every view of the store. */
  readonly #narrowed = new WeakMap<Principal['credential'], BoundedMap<Narrowed>>();

  constructor(deps: TokenGranterDependencies) {
    this.#deps = deps;
  }

  /**
   * A token that is durable before it is returned, lives as long as the catalog says, and not longer than what obtained
   * it.
   *
   * @param scope what the client asks for; null for all that it holds
   * @throws CredctlError `store_unavailable`
   */
  async issue(principal: Principal, scope: string | null): Promise<IssuedToken | TokenRefusal> {
    const narrowed = this.#narrow(principal, scope);
    if (narrowed === null) return 'invalid_scope';
    const { store, hasher, clock, random } = this.#deps;
    const { scopes } = narrowed;
    const issuedAt = clock.now();
    const expiresAt = Math.min(issuedAt + narrowed.lifetimeMs, endOf(principal) ?? Number.POSITIVE_INFINITY);
    const bytes = (length: number) => random.bytes(length);
    const secret = drawSecret(bytes);
    const rest = {
      credentialId: principal.credential.id,
      versionId: principal.version.id,
      digest: hasher.digest(secret),
      scopes,
      issuedAt,
      expiresAt,
    };
    // Not kept is what is refused by what is gone, and what drew an id that another token has: twice is no chance.
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
  if (scopes === null || JSON.stringify(scopes).length > LONGEST_LIST) return null;
  return { scopes, lifetimeMs: tokenLifetime(principal.catalog, scopes) * 1_000 };
}

/** The scopes asked for, as far as they are held; null when one of them is not, or is none. */
function narrowed({ catalog, credential, scopes: held }: Principal, text: string): readonly string[] | null {
  if (!SCOPE.test(text)) return null;
  const given = [...new Set(text.split(' '))];
  if (given.length > MOST_ASKED_SCOPES || given.some((scope) => scope.length > LONGEST_SCOPE)) return null;
  try {
    const asked = completed(held, given);
    const { scopes } = normaliseScopes(catalog, credential.type, asked);
    return satisfiesAll(catalog, held, scopes) ? scopes : null;
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') return null;
    throw fault;
  }
}

/** A scope that leaves out the resource means the one resource on which the client holds it. */
function completed(held: readonly string[], texts: readonly string[]): readonly string[] {
  const places = new Map<string, Scope[]>();
  for (const scope of held.map(parseScope)) {
    const key = `${scope.api}:${scope.permission}`;
    places.set(key, [...(places.get(key)?.slice(0, 1) ?? []), scope]);
  }
  return texts.map((text) => {
    const asked = parseScope(text);
    if (asked.resource !== null) return text;
    const keys = new Set([`${asked.api}:*`, text]);
    const resources = [...keys]
      .flatMap((key) => places.get(key) ?? [])
      .flatMap(({ resource }) => resource ?? []);
    const [only, another] = resources;
    return only === undefined || another !== undefined ? text : formatScope({ ...asked, resource: only });
  });
}
