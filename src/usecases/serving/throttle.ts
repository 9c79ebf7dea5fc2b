import { isClientIdShape } from '../../domain/secret/secret-format.js';
import { clientNetwork } from './client-network.js';
import { FailureCounter } from './failures.js';

/** Failures of one address with one credential in a minute. */
const PER_PAIR = 10;

/** Failures of one address in a minute, whatever they are of. */
const PER_ADDRESS = 60;

/** One try of a secret. */
export interface Attempt {
  /** The client's address; empty where it is not known. */
  readonly address: string;
  /** The public part of the secret; null when it has none. */
  readonly versionId: string | null;
  readonly clientId: string | null;
}

/**
 * Limits failed authentications by client address, and by address and credential together. Handles and client ids are
 * public: a limit by credential alone would let any client shut the owner out. For the same reason nothing is counted
 * where the address is not known, which leaves the bounded hash pool as the limit. Times are epoch milliseconds.
 */
export class Throttle {
  readonly #byPair = new FailureCounter(PER_PAIR);
  readonly #byAddress = new FailureCounter(PER_ADDRESS);
  readonly #tokens = new FailureCounter(PER_ADDRESS);
  /** Right secrets of what has been stopped: once anything changes, they may be good again. */
  readonly #stopped = new FailureCounter(PER_PAIR);
  #generation = -1;

  /** Milliseconds until this may be tried; 0 when it may be now. */
  waitFor(attempt: Attempt, now: number, generation: number): number {
    if (generation > this.#generation) this.#stopped.forgetAll();
    this.#generation = Math.max(generation, this.#generation);
    return Math.max(
      ...networksOf(attempt.address).map((network) => this.#byAddress.waitFor(network, now)),
      ...keysOf(attempt).flatMap((key) => [this.#byPair.waitFor(key, now), this.#stopped.waitFor(key, now)]),
    );
  }

  /** Counts an attempt before its outcome is known, so that many at once get no further than one after the other. */
  begin(attempt: Attempt, now: number): void {
    for (const key of keysOf(attempt)) this.#byPair.add(key, now);
  }

  /** The secret turned out to be right, or nobody could tell. */
  takeBack(attempt: Attempt): void {
    for (const key of keysOf(attempt)) this.#byPair.subtract(key);
  }

  /** The secret turned out to be wrong. */
  fail(attempt: Attempt, now: number): void {
    for (const network of networksOf(attempt.address)) this.#byAddress.add(network, now);
  }

  /** The secret is right, and of no use at present. */
  stop(attempt: Attempt, now: number): void {
    for (const key of keysOf(attempt)) this.#stopped.add(key, now);
  }

  /**
   * Counts a wrong access token. That costs no hash, and right ones are never held up by it: tokens come and go behind
   * one address.
   *
   * @returns milliseconds until another wrong one would be looked at; 0 for at once
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
 * What an attempt counts against: its address together with the version that the secret names, or with the client where
 * it names none. Rubbish under a client id does not count against the client's real secret.
 */
function keysOf({ address, versionId, clientId }: Attempt): readonly string[] {
  const client = clientId !== null && isClientIdShape(clientId) ? clientId : null;
  const credential = versionId ?? client;
  return credential === null ? [] : networksOf(address).map((network) => `${network} ${credential}`);
}
