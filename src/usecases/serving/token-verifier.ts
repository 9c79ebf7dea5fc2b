import type { SecretHasher } from '../../domain/ports.js';
import { type ParsedSecret, parseSecret } from '../../domain/secret-format.js';
import type { ServingStore } from '../../domain/serving-port.js';
import type { AccessToken } from '../../domain/store-port.js';
import { refusalOf } from '../../domain/verdict.js';
import type { Dependencies } from '../dependencies.js';
import { type Answer, denied, type Grant, throttled } from './grant.js';
import type { Known, KnownCredentials } from './known-credentials.js';
import type { Throttle } from './throttle.js';
import type { UseRecorder } from './use-recorder.js';
import { whenThere } from './when-there.js';

const NOBODYS_DIGEST = '0'.repeat(64);

type TokenDependencies = { readonly store: ServingStore; readonly hasher: SecretHasher } & Pick<
  Dependencies,
  'clock'
>;

/** Answers whether access tokens are good. Each is read from the store, where it may have been revoked. */
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

  /** At once where the credential is known. A good token counts as a use. */
  verify(parsed: ParsedSecret, address: string): Answer | Promise<Answer> {
    return whenThere(this.#examine(parsed, address), (answer) => this.#counted(answer));
  }

  /** What a token is good for, asked by somebody else than its holder; null when it is good for nothing. No use. */
  inspect(text: string, address: string): Grant | null | Promise<Grant | null> {
    const parsed = parseSecret(text);
    if (parsed?.kind !== 'tok') return null;
    return whenThere(this.#examine(parsed, address), (answer) => (answer.granted ? answer : null));
  }

  /** The token that a text is, whether or not it is still good; null when there is none. */
  async find(text: string): Promise<AccessToken | null> {
    const parsed = parseSecret(text);
    const token = parsed?.kind === 'tok' ? await this.#find(parsed) : null;
    const { settings } = await this.#deps.store.present();
    return parsed?.prefix === settings.prefix ? token : null;
  }

  #examine(parsed: ParsedSecret, address: string): Answer | Promise<Answer> {
    const token = this.#find(parsed);
    return token instanceof Promise
      ? token.then((late) => this.#weigh(parsed, late, address))
      : this.#weigh(parsed, token, address);
  }

  #weigh(parsed: ParsedSecret, token: AccessToken | null, address: string): Answer | Promise<Answer> {
    if (token === null) return this.#refuseWrong(address);
    return whenThere(this.#known.obtainerOf(token), (known) =>
      known === null ? this.#refuseWrong(address) : this.#judge(parsed, token, known, address),
    );
  }

  #counted(answer: Answer): Answer {
    if (answer.granted) this.#uses.note(answer.version.id, this.#deps.clock.now(), null);
    return answer;
  }

  #find(parsed: ParsedSecret): AccessToken | null | Promise<AccessToken | null> {
    const found = this.#known.token(parsed.id);
    return found instanceof Promise
      ? found.then((token) => this.#proven(parsed, token))
      : this.#proven(parsed, found);
  }

  #proven(parsed: ParsedSecret, token: AccessToken | null): AccessToken | null {
    const { hasher } = this.#deps;
    const isRight = hasher.isSameDigest(hasher.digest(parsed.secret), token?.digest ?? NOBODYS_DIGEST);
    return isRight ? token : null;
  }

  #judge(parsed: ParsedSecret, token: AccessToken, known: Known, address: string): Answer {
    if (parsed.prefix !== known.prefix) return this.#refuseWrong(address);
    const { credential, version, catalog, prefix } = known;
    const now = this.#deps.clock.now();
    const reason = refusalOf(credential, version, now);
    if (reason !== null) return denied(reason);
    if (token.expiresAt <= now) return denied('expired');
    const scopes = known.held(token.scopes);
    if (scopes.length === 0) return denied('insufficient_scope');
    return { granted: true, credential, version, token, scopes, catalog, prefix };
  }

  #refuseWrong(address: string): Answer {
    const waitMs = this.#throttle.failToken(address, this.#deps.clock.now());
    return waitMs > 0 ? throttled(waitMs) : denied('unknown');
  }
}
