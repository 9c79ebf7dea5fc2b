import { endingWith, judge } from '../../domain/credential/verdict.js';
import type { SecretHasher } from '../../domain/ports/ports.js';
import type { ServingStore } from '../../domain/ports/serving-port.js';
import type { AccessToken } from '../../domain/ports/store-port.js';
import { type ParsedSecret, parseSecret } from '../../domain/secret/secret-format.js';
import type { Dependencies } from '../dependencies.js';
import type { Known, KnownCredentials } from './known-credentials.js';
import { type Accepted, type Answer, denied, throttled } from './principal.js';
import { thenMaybeSync } from './then-maybe-sync.js';
import type { Throttle } from './throttle.js';
import type { UseRecorder } from './use-recorder.js';

const NOBODYS_DIGEST = '0'.repeat(64);

type TokenDependencies = { readonly store: ServingStore; readonly hasher: SecretHasher } & Pick<
  Dependencies,
  'clock'
>;

/** The context of a presented token. */
export interface TokenHolder {
  /** The client id presented with it; null when there was none. */
  readonly clientId: string | null;
  /** The client's address; empty where it is not known. */
  readonly address: string;
}

/** Verifies access tokens. Each is read from the store, as it may have been revoked. */
export class TokenVerifier {
  readonly #deps: TokenDependencies;
  readonly #known: KnownCredentials;
  readonly #throttle: Throttle;
  readonly #uses: UseRecorder;

  constructor(deps: TokenDependencies, known: KnownCredentials, throttle: Throttle, uses: UseRecorder) {
    this.#deps = deps;
    this.#known = known;
    this.#throttle = throttle;
    this.#uses = uses;
  }

  /**
   * Verifies a token. Answers synchronously where the store reads synchronously. A valid token counts as a use.
   */
  verify(parsed: ParsedSecret, { clientId, address }: TokenHolder): Answer | Promise<Answer> {
    return thenMaybeSync(this.#examine(parsed, { clientId, address }), (answer) => {
      if (answer.accepted) this.#uses.note(answer.version.id, this.#deps.clock.now(), address || null);
      return answer;
    });
  }

  /**
   * Introspection: the principal of a token, for a caller other than its holder; null when it is not active.
   * Does not count as a use.
   */
  inspect(text: string, address: string): Accepted | null | Promise<Accepted | null> {
    const parsed = parseSecret(text);
    if (parsed?.kind !== 'tok') return null;
    return thenMaybeSync(this.#examine(parsed, { clientId: null, address }), (answer) =>
      answer.accepted ? answer : null,
    );
  }

  /** Finds a token by its text, active or not; null when the text is not a token of this store. */
  async find(text: string): Promise<AccessToken | null> {
    const parsed = parseSecret(text);
    const token = parsed?.kind === 'tok' ? await this.#known.token(parsed.id) : null;
    const { settings } = await this.#deps.store.metadata();
    return parsed?.prefix === settings.prefix && this.#isRight(parsed, token) ? token : null;
  }

  #examine(parsed: ParsedSecret, holder: TokenHolder): Answer | Promise<Answer> {
    return thenMaybeSync(this.#known.token(parsed.id), (token) => this.#weigh(parsed, token, holder));
  }

  #weigh(parsed: ParsedSecret, token: AccessToken | null, holder: TokenHolder): Answer | Promise<Answer> {
    const isRight = this.#isRight(parsed, token);
    if (token === null) return this.#refuseWrong('unknown', holder);
    // Timing side channel: a known id with a wrong secret causes no more reads than an unknown id.
    if (!isRight) return this.#refuseWrong('wrong_secret', holder);
    return thenMaybeSync(this.#known.obtainerOf(token), (known) =>
      known === null || !isMeant(known, parsed, holder)
        ? this.#refuseWrong('unknown', holder)
        : this.#judge(token, known),
    );
  }

  #isRight({ secret }: ParsedSecret, token: AccessToken | null): boolean {
    const { hasher } = this.#deps;
    return hasher.isSameDigest(hasher.digest(secret), token?.digest ?? NOBODYS_DIGEST) && token !== null;
  }

  #judge(stored: AccessToken, known: Known): Answer {
    const { credential, version, catalog, prefix } = known;
    const { scopes, lifetime } = known.remaining(stored.scopes);
    const token = endingWith(stored, lifetime);
    const reason = judge({ credential, version, token }, this.#deps.clock.now(), () => scopes);
    if (reason !== null) return denied(reason, credential);
    return { accepted: true, credential, version, token, scopes, catalog, prefix };
  }

  #refuseWrong(reason: 'unknown' | 'wrong_secret', { address }: TokenHolder): Answer {
    const waitMs = this.#throttle.failToken(address, this.#deps.clock.now());
    return waitMs > 0 ? throttled(waitMs) : denied(reason);
  }
}

function isMeant({ credential, prefix }: Known, parsed: ParsedSecret, { clientId }: TokenHolder): boolean {
  return parsed.prefix === prefix && (clientId === null || credential.clientId === clientId);
}
