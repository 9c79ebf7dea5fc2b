import { isClientIdShape } from '../../domain/secret-format.js';
import { FailureCounter } from './failures.js';

const PER_CREDENTIAL = 10;
const PER_ADDRESS = 60;

/** Somebody tries a secret. */
export interface Attempt {
  readonly address: string;
  /** The public part of the secret; null when it has none. */
  readonly versionId: string | null;
  readonly clientId: string | null;
}

/** Keeps those who try wrong secrets from trying many. Times are epoch milliseconds. */
export class Throttle {
  readonly #byCredential = new FailureCounter(PER_CREDENTIAL);
  readonly #byAddress = new FailureCounter(PER_ADDRESS);
  readonly #tokens = new FailureCounter(PER_ADDRESS);
  /** Right secrets of what has been stopped: once anything changes, they may be good again. */
  readonly #stopped = new FailureCounter(PER_CREDENTIAL);
  #view = -1;

  /** Milliseconds until this may be tried; 0 when it may be now. */
  waitFor(attempt: Attempt, now: number, view: number): number {
    if (view > this.#view) this.#stopped.forgetAll();
    this.#view = Math.max(view, this.#view);
    return Math.max(
      this.#byAddress.waitFor(attempt.address, now),
      ...keysOf(attempt).flatMap((key) => [
        this.#byCredential.waitFor(key, now),
        this.#stopped.waitFor(key, now),
      ]),
    );
  }

  /** Counts an attempt before its outcome is known, so that many at once get no further than one after the other. */
  begin(attempt: Attempt, now: number): void {
    for (const key of keysOf(attempt)) this.#byCredential.add(key, now);
  }

  /** The secret turned out to be right, or nobody could tell. */
  takeBack(attempt: Attempt): void {
    for (const key of keysOf(attempt)) this.#byCredential.subtract(key);
  }

  /** The secret turned out to be wrong. */
  fail(attempt: Attempt, now: number): void {
    this.#byAddress.add(attempt.address, now);
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
    const wait = this.#tokens.waitFor(address, now);
    if (wait === 0) this.#tokens.add(address, now);
    return wait;
  }
}

/**
 * What an attempt counts against: the version that the secret names, or the client where it names none. Client ids are
 * known to many; if rubbish under one of them counted against its real secret, anybody could keep that from being
 * accepted.
 */
function keysOf({ versionId, clientId }: Attempt): readonly string[] {
  if (versionId !== null) return [versionId];
  return clientId !== null && isClientIdShape(clientId) ? [clientId] : [];
}
