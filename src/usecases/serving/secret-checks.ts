import type { Evidence } from '../../domain/credential/verdict.js';
import { limitedToken } from '../../domain/credential/verdict.js';
import { OverloadError } from '../../domain/errors.js';
import type { Clock, SecretHasher } from '../../domain/ports/ports.js';
import type {
  Inspected,
  ServedCredential,
  ServingStore,
  StoreMetadata,
} from '../../domain/ports/serving-port.js';
import { judgeFound } from '../../domain/scan/finding.js';
import { kindOf, type ParsedSecret, parseSecret } from '../../domain/secret/secret-format.js';

/** Built-in scope that allows to ask whether secrets that were found are live. */
export const SCAN = 'credctl:scan';

/**
 * What a secret that was found is: `live` authenticates; `dead` is right and does not; `forged` has a known handle and
 * another secret; `unknown` is none of this store, or deleted, of which no hash is kept; `malformed` is no secret.
 */
export type CheckState = 'live' | 'dead' | 'forged' | 'unknown' | 'malformed';

/** A secret that was found, and what it is. */
export interface CheckedSecret {
  readonly state: CheckState;
  /** Null for a malformed one. */
  readonly secret: ParsedSecret | null;
  /** The credential of a right secret; null for any other, which proves nothing. */
  readonly credential: ServedCredential | null;
  /** The version of it, or that obtained it; null where there is no credential. */
  readonly versionId: string | null;
  /** Last use of its version, in epoch milliseconds. */
  readonly lastUsedAt: number | null;
}

interface CheckDependencies {
  readonly store: ServingStore;
  /** Its slow hashes wait for those of ordinary requests. */
  readonly hasher: SecretHasher;
  readonly clock: Clock;
}

/** Upper bound of checks at the same time: each of them keeps its secrets in memory. */
const MOST_AT_ONCE = 16;

/**
 * Tells what secrets are that were found somewhere. A look: no use, no receipt, and no wrong secret to be throttled.
 * One secret of each check is hashed at a time, so that checks share what ordinary requests leave.
 */
export class SecretChecks {
  readonly #deps: CheckDependencies;
  #running = 0;

  constructor(deps: CheckDependencies) {
    this.#deps = deps;
  }

  /**
   * Checks secrets by one snapshot of the store; the answers are in their order.
   *
   * @param isLeft whether the client has gone, which ends the check: the others have no answer then
   * @throws CredctlError `store_unavailable` as backpressure when there are too many checks
   */
  async check(
    texts: readonly string[],
    isLeft: () => boolean = () => false,
  ): Promise<readonly CheckedSecret[]> {
    if (this.#running >= MOST_AT_ONCE) throw new OverloadError('too many secrets are being checked');
    this.#running += 1;
    try {
      return await this.#checkAll(texts, isLeft);
    } finally {
      this.#running -= 1;
    }
  }

  async #checkAll(texts: readonly string[], isLeft: () => boolean): Promise<readonly CheckedSecret[]> {
    const { store } = this.#deps;
    const different = new Map(texts.map((text) => [text, parseSecret(text)]));
    const wellFormed = [...different.values()].filter((secret) => secret !== null);
    const asked = wellFormed.map(
      ({ kind, id }) => ({ kind: kind === 'tok' ? 'token' : 'version', id }) as const,
    );
    const inspected = await store.inspect(asked);
    const present = await store.metadata();
    const rows = new Map(wellFormed.map((secret, index) => [secret, inspected[index]]));
    const checked = new Map<string, CheckedSecret>();
    for (const [text, secret] of different) {
      if (isLeft()) break;
      checked.set(
        text,
        await this.#checkOne(secret, secret === null ? undefined : rows.get(secret), present),
      );
    }
    return texts.flatMap((text) => checked.get(text) ?? []);
  }

  async #checkOne(
    secret: ParsedSecret | null,
    found: Inspected | undefined,
    { settings, catalog }: StoreMetadata,
  ): Promise<CheckedSecret> {
    if (secret === null) return nothing('malformed', null);
    const { token = null, version: served = null, lastUsedAt = null } = found ?? {};
    if (served === null || secret.prefix !== settings.prefix || !isOfKind(secret, served.credential, token)) {
      return nothing('unknown', secret);
    }
    const { hasher, clock } = this.#deps;
    const isRight =
      token === null
        ? await hasher.matches(secret.secret, served.hash)
        : hasher.isSameDigest(hasher.digest(secret.secret), token.digest);
    const evidence: Evidence = {
      credential: served.credential,
      version: served.version,
      token: token === null ? null : limitedToken(catalog, token),
    };
    const { state } = judgeFound(evidence, isRight, clock.now());
    if (state === 'live' || state === 'dead')
      return { state, secret, credential: served.credential, versionId: served.version.id, lastUsedAt };
    return nothing(state === 'forged' ? state : 'unknown', secret);
  }
}

function isOfKind({ kind }: ParsedSecret, { type }: ServedCredential, token: Inspected['token']): boolean {
  return kind === 'tok' ? token !== null : kindOf(type) === kind;
}

function nothing(state: CheckState, secret: ParsedSecret | null): CheckedSecret {
  return { state, secret, credential: null, versionId: null, lastUsedAt: null };
}
