import { isClientIdShape } from '../../domain/secret/secret-format.js';
import { clientNetwork } from './client-network.js';
import { FailureCounter } from './failures.js';

/** Failures per minute of one address with one credential. */
const PER_PAIR = 10;

/** Failures per minute of one address, over all credentials. */
const PER_ADDRESS = 60;

/** An attempt to authenticate. */
export interface Attempt {
  /** The client's address; empty where it is not known. */
  readonly address: string;
  /** The id in the secret; null when it has none. */
  readonly versionId: string | null;
  readonly clientId: string | null;
}

/**
 * Limits failed authentications in fixed windows, per client address and per pair of address and credential.
 * Handles and client ids are public: a limit per credential alone would be a denial of service against its
 * owner. For the same reason nothing is counted for unknown addresses; there the bounded hash pool is the
 * limit. Times are epoch milliseconds.
 */
export class Throttle {
  readonly #byPair = new FailureCounter(PER_PAIR);
  readonly #byAddress = new FailureCounter(PER_ADDRESS);
  readonly #tokens = new FailureCounter(PER_ADDRESS);
  /** Right secrets of stopped credentials; reset when the generation changes, since they may be valid again. */
  readonly #stopped = new FailureCounter(PER_PAIR);
  #generation = -1;

  /** Milliseconds until this attempt may be made; 0 for now. */
  waitFor(attempt: Attempt, now: number, generation: number): number {
    if (generation > this.#generation) this.#stopped.forgetAll();
    this.#generation = Math.max(generation, this.#generation);
    return Math.max(
      ...networksOf(attempt.address).map((network) => this.#byAddress.waitFor(network, now)),
      ...keysOf(attempt).flatMap((key) => [this.#byPair.waitFor(key, now), this.#stopped.waitFor(key, now)]),
    );
  }

  /**
   * Counts an attempt before its outcome is known, so that concurrent attempts are limited like sequential
   * ones.
   */
  begin(attempt: Attempt, now: number): void {
    for (const key of keysOf(attempt)) this.#byPair.add(key, now);
  }

  /** Undoes {@link begin}: the secret was right, or the comparison failed to run. */
  takeBack(attempt: Attempt): void {
    for (const key of keysOf(attempt)) this.#byPair.subtract(key);
  }

  /** Counts a wrong secret against the address. */
  fail(attempt: Attempt, now: number): void {
    for (const network of networksOf(attempt.address)) this.#byAddress.add(network, now);
  }

  /** Counts a right secret of a stopped credential. */
  stop(attempt: Attempt, now: number): void {
    for (const key of keysOf(attempt)) this.#stopped.add(key, now);
  }

  /**
   * Counts a wrong access token. Tokens are compared without a slow hash, and right ones are never throttled,
   * as many clients may share one address.
   *
   * @returns milliseconds until another wrong one would be examined; 0 for now
   */
  failToken(address: string, now: number): number {
    const [network] = networksOf(address);
    if (network === undefined) return 0;
    const wait = this.#tokens.waitFor(network, now);
    if (wait === 0) this.#tokens.add(network, now);
    return wait;
  }
}

function networksOf(address: string): readonly string[] {
  return address === '' ? [] : [clientNetwork(address)];
}

/**
 * Keys of an attempt: address with the version id, or with the client id where the secret has none. Malformed
 * secrets under a client id therefore do not count against the client's real secret.
 */
function keysOf({ address, versionId, clientId }: Attempt): readonly string[] {
  const client = clientId !== null && isClientIdShape(clientId) ? clientId : null;
  const credential = versionId ?? client;
  return credential === null ? [] : networksOf(address).map((network) => `${network} ${credential}`);
}
