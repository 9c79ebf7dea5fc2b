import { judge, type RefusalReason } from '../../domain/credential/verdict.js';
import { wasReceived } from '../../domain/credential/version.js';
import type { Fingerprinter } from '../../domain/ports/ports.js';
import type {
  Comparison,
  ServedVersion,
  ServingStore,
  StoreMetadata,
} from '../../domain/ports/serving-port.js';
import {
  kindOf,
  type ParsedSecret,
  parseSecret,
  type SecretKind,
  versionIdIn,
} from '../../domain/secret/secret-format.js';
import { countUse, refuseSecret } from '../credential/verify.js';
import type { Dependencies } from '../dependencies.js';
import { type CanaryPresented, CanaryWatch } from './canary-watch.js';
import { type Known, KnownCredentials } from './known-credentials.js';
import { type Answer, denied, throttled } from './principal.js';
import { SharedWork } from './shared-work.js';
import { thenMaybeSync } from './then-maybe-sync.js';
import { type Attempt, Throttle } from './throttle.js';
import { TokenVerifier } from './token-verifier.js';
import { UseRecorder } from './use-recorder.js';
import { VerifiedSecretCache } from './verified-secrets.js';

/** Capacity of the cache of verified secrets, about 9 MiB. */
const MOST_REMEMBERED = 131_072;

/** External dependencies of {@link Verifier}. */
export type VerifierDependencies = {
  readonly store: ServingStore;
  readonly fingerprinter: Fingerprinter;
  /** Called when the right secret of a canary was presented. */
  readonly onCanary?: (presented: CanaryPresented) => void;
} & Pick<Dependencies, 'hasher' | 'clock' | 'processes' | 'author'>;

/** A presented secret with its context. */
export interface Presented {
  readonly secret: string;
  /** The kinds of secrets accepted here. */
  readonly kinds: readonly SecretKind[];
  /** The client id presented with it; null when there was none. */
  readonly clientId: string | null;
  /** The client's address in canonical spelling; empty where it is not known, and then nothing is throttled. */
  readonly address: string;
  /** Whether a caller asks about it (RFC 7662) that it was presented to: the use is then recorded without the address. */
  readonly isAskedAbout?: boolean;
}

/** Result of a comparison; for a right secret, what was read, its generation and its hash. */
type Proof = RefusalReason | (Pick<ServedVersion, 'hash'> & Reading);

/** What was read of a version, and the generation it was read in. */
interface Reading {
  readonly served: ServedVersion | null;
  readonly generation: number;
}

/** A proof, or the wait in milliseconds imposed by the throttle. */
type Attempted = Proof | { readonly waitMs: number };

interface LookupRequest {
  readonly generation: number;
  readonly present: Promise<StoreMetadata>;
  readonly comparison: Comparison | Promise<Comparison>;
}

/**
 * Verifies presented secrets in a long-lived process. Verified secrets are cached as HMAC fingerprints, so that
 * a repetition costs microseconds; whether the credential may be used is judged on every request. Throws as the
 * store does, and `store_unavailable` as backpressure when the hash queue is full.
 */
export class Verifier {
  readonly uses: UseRecorder;
  readonly tokens: TokenVerifier;
  readonly canaries: CanaryWatch;
  readonly #deps: VerifierDependencies;
  readonly #known: KnownCredentials;
  readonly #throttle = new Throttle();
  readonly #remembered = new VerifiedSecretCache(MOST_REMEMBERED);
  /** Coalesced per secret, over all addresses: concurrent requests with one new secret cost one hash. */
  readonly #comparisons = new SharedWork<Proof>();
  /**
   * Coalesced per secret and address: concurrent requests with one new secret count as one attempt of that
   * address.
   */
  readonly #attempts = new SharedWork<Attempted>();

  constructor(deps: VerifierDependencies) {
    this.#deps = deps;
    this.#known = new KnownCredentials(deps.store, deps.clock);
    this.uses = new UseRecorder(deps);
    this.canaries = new CanaryWatch(deps.store, deps.clock, deps.onCanary);
    this.tokens = new TokenVerifier(deps, this.#known, this.#throttle, this.uses);
  }

  /**
   * Verifies a secret. Answers synchronously where secret and version are cached and no batched lookup is
   * needed. A valid one counts as a use.
   */
  verify(presented: Presented): Answer | Promise<Answer> {
    const versionId = versionIdIn(presented.secret);
    if (!this.#isRemembered(versionId, presented.secret)) return this.#examine(presented);
    return thenMaybeSync(
      this.#known.find(versionId),
      (known) => this.#recall(versionId, known, presented) ?? this.#examine(presented),
    );
  }

  #isRemembered(versionId: string, secret: string): boolean {
    const slot = this.#remembered.slotOf(versionId);
    if (slot === null) return false;
    return this.#remembered.isFingerprintIn(slot, this.#deps.fingerprinter.fingerprint(secret));
  }

  #recall(versionId: string, known: Known | null, presented: Presented): Answer | null {
    const { kinds, clientId } = presented;
    const slot = this.#remembered.slotOf(versionId);
    if (known !== null && slot !== null && !this.#remembered.isOfHash(slot, known.hash)) {
      this.#remembered.forget(versionId);
      return null;
    }
    const now = this.#deps.clock.now();
    const reason = known === null ? 'unknown' : refusalOf(known, now);
    // A permanently ended version is evicted. A stopped one stays cached: it may be valid again, and is not
    // throttled then.
    if (known === null || reason === 'version_retired') this.#remembered.forget(versionId);
    if (known === null || reason !== null) return null;
    if (!isMeant(known, kinds, clientId)) return null;
    this.uses.note(known.version.id, now, usedFrom(presented));
    return accepted(known);
  }

  #examine(presented: Presented): Answer | Promise<Answer> {
    const parsed = parseSecret(presented.secret);
    if (parsed === null) return this.#refuseMalformed(presented);
    return parsed.kind === 'tok' && presented.kinds.includes('tok')
      ? this.tokens.verify(parsed, presented)
      : this.#examineSecret(parsed, presented);
  }

  /** Refuses a malformed secret without a read of the store. */
  #refuseMalformed({ address, clientId }: Presented): Answer {
    const attempt: Attempt = { address, clientId, versionId: null };
    const now = this.#deps.clock.now();
    const waitMs = this.#throttle.waitFor(attempt, now, this.#known.generation);
    if (waitMs > 0) return throttled(waitMs);
    this.#throttle.begin(attempt, now);
    this.#throttle.fail(attempt, now);
    return denied('malformed');
  }

  async #examineSecret(parsed: ParsedSecret, presented: Presented): Promise<Answer> {
    const { fingerprinter, clock } = this.#deps;
    const fingerprint = fingerprinter.fingerprint(presented.secret);
    const attempt: Attempt = {
      address: presented.address,
      clientId: presented.clientId,
      versionId: parsed.id,
    };
    const secret = `${fingerprint} ${presented.kinds.join()} ${presented.clientId}`;
    const proof = await this.#attempts.run(`${presented.address} ${secret}`, () =>
      this.#try(attempt, () => this.#comparisons.run(secret, () => this.#compare(parsed, presented))),
    );
    if (proof === 'canary') this.canaries.note(parsed.handle, presented.address || null);
    if (typeof proof === 'string') return denied(proof);
    if ('waitMs' in proof) return throttled(proof.waitMs);
    const answer = await this.#judge(parsed, presented, this.#known.seen(parsed.id, proof));
    if (answer.accepted) this.#remembered.remember(parsed.id, fingerprint, proof.hash);
    else this.#throttle.stop(attempt, clock.now());
    return answer;
  }

  /** Compares a secret unless the throttle imposes a wait. */
  async #try(attempt: Attempt, compare: () => Promise<Proof>): Promise<Attempted> {
    const { store, clock } = this.#deps;
    const waitMs = this.#throttle.waitFor(attempt, clock.now(), store.generation());
    if (waitMs > 0) return { waitMs };
    this.#throttle.begin(attempt, clock.now());
    let isWrong = false;
    try {
      const proof = await compare();
      isWrong = typeof proof === 'string';
      return proof;
    } finally {
      if (isWrong) this.#throttle.fail(attempt, clock.now());
      else this.#throttle.takeBack(attempt);
    }
  }

  async #compare(parsed: ParsedSecret, { kinds, clientId }: Presented): Promise<Proof> {
    const { generation, present, comparison } = this.#ask(parsed.id);
    const [{ settings }, { comparable, served }] = await Promise.all([present, comparison]);
    const refusal = await refuseSecret(this.#deps, settings, { parsed, clientId }, comparable);
    if (refusal !== null || comparable === null) return refusal ?? 'unknown';
    return kinds.includes(parsed.kind) ? { served, generation, hash: comparable.hash } : 'unknown';
  }

  /** Issues all reads in one snapshot where the store supports it. */
  #ask(versionId: string): LookupRequest {
    const { store } = this.#deps;
    return store.inSnapshot(() => ({
      generation: store.generation(),
      comparison: store.findComparable(versionId),
      present: store.metadata(),
    }));
  }

  async #judge(
    parsed: ParsedSecret,
    presented: Presented,
    found: Known | null | Promise<Known | null>,
  ): Promise<Answer> {
    const known = await found;
    if (known === null) return denied('unknown');
    const { version } = known;
    const now = this.#deps.clock.now();
    const reason = refusalOf(known, now);
    if (reason !== null) return denied(reason, known.credential);
    if (wasReceived(version)) {
      this.uses.note(version.id, now, usedFrom(presented));
      return accepted(known);
    }
    // The first use proves receipt, which is durable before the request is answered.
    const demand = { parsed, clientId: presented.clientId, required: [] };
    const verdict = await countUse(this.#deps, demand, usedFrom(presented));
    return verdict.valid ? accepted(known) : denied(verdict.reason, known.credential);
  }
}

/** The address to record with a use. */
function usedFrom({ address, isAskedAbout = false }: Presented): string | null {
  return isAskedAbout ? null : address || null;
}

function refusalOf({ credential, version }: Known, now: number): RefusalReason | null {
  return judge({ credential, version, token: null }, now, () => credential.scopes);
}

function isMeant({ credential }: Known, kinds: readonly SecretKind[], clientId: string | null): boolean {
  const isOfKind = kinds.includes(kindOf(credential.type));
  return isOfKind && (clientId === null || credential.clientId === clientId);
}

function accepted({ credential, version, catalog, prefix }: Known): Answer {
  return { accepted: true, credential, version, token: null, scopes: credential.scopes, catalog, prefix };
}
