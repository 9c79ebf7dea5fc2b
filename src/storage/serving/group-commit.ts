import { CredctlError } from '../../domain/errors.js';
import type { AccessToken } from '../../domain/ports/store-port.js';

/** Tokens that may wait for the disk at once. */
export const MOST_WAITING = 10_000;

/** Milliseconds that a write takes which is not worth waiting for others. */
const QUICK_MS = 2;

/** So few tokens are not worth two writes, however quick. */
const FEW = 8;

/** How long the pause after a group is at most, as a share of the time that it took to be written. */
const PAUSE = 0.5;
const LONGEST_PAUSE_MS = 5;

/** After so many pauses in vain, only one group in 64 has another one. */
const MOST_DOUBLINGS = 6;

interface Waiting {
  readonly token: AccessToken;
  readonly resolve: (isKept: boolean) => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * Group commit: tokens that arrive while a group is written, or in the same turn of the event loop, are the next group, and
 * one fsync serves all of it.
 *
 * Clients that were answered together ask again together, only not at the very same time. Where writing is quick, they
 * are made two groups, one of which asks while the other is written. Where it is slow, a pause after each group lets
 * them share one write again; without it, the first of them would have a write of its own, and all others would wait
 * for that. Where nobody comes during a pause, there is none for a while.
 */
export class GroupCommit {
  readonly #insert: (tokens: readonly AccessToken[]) => Promise<readonly boolean[]>;
  readonly #gather: () => void;
  #waiting: Waiting[] = [];
  #isBusy = false;
  #lastRun: Promise<void> = Promise.resolve();
  #pause: Pause | null = null;
  /** Milliseconds that the last group took to be written. */
  #lastTook = 0;
  /** Consecutive pauses in which nothing arrived, and how many groups skip theirs because of that (back-off). */
  #emptyWaits = 0;
  #skipWaits = 0;

  /** @param gather adds those that have arrived unnoticed while a group was being written */
  constructor(
    insert: (tokens: readonly AccessToken[]) => Promise<readonly boolean[]>,
    gather: () => void = () => {},
  ) {
    this.#insert = insert;
    this.#gather = gather;
  }

  /** @returns whether it was kept; resolved once it is durable */
  add(token: AccessToken): Promise<boolean> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.reject(tooManyWaiting());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ token, resolve, reject });
      if (!this.#isBusy) {
        this.#isBusy = true;
        this.#lastRun = Promise.resolve().then(() => this.#writeAll());
      } else if (this.#waiting.length === this.#pause?.expected) this.#pause.end();
    });
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#isBusy) await this.#lastRun;
  }

  async #writeAll(): Promise<void> {
    let answered = 0;
    for (this.#gather(); this.#waiting.length > 0; this.#gather()) {
      const group = this.#waiting.splice(0, this.#batchSize(answered));
      const begin = performance.now();
      try {
        const kept = await this.#insert(group.map(({ token }) => token));
        for (const [index, { resolve }] of group.entries()) resolve(kept[index] === true);
      } catch (fault) {
        for (const { reject } of group) reject(fault);
      }
      answered = group.length;
      this.#lastTook = performance.now() - begin;
      if (this.#isQuick) continue;
      if (this.#skipWaits > 0) this.#skipWaits -= 1;
      else await this.#waitFor(answered, this.#lastTook * PAUSE);
    }
    this.#isBusy = false;
  }

  get #isQuick(): boolean {
    return this.#lastTook < QUICK_MS;
  }

  /** Half of those who wait or, as they were just answered, may be about to ask again; all who wait where it is slow. */
  #batchSize(answered: number): number {
    const waiting = this.#waiting.length;
    return waiting < FEW || !this.#isQuick ? waiting : Math.ceil((waiting + answered) / 2);
  }

  /** Until so many more are there, for so long at most. */
  async #waitFor(more: number, milliseconds: number): Promise<void> {
    const before = this.#waiting.length;
    this.#pause = new Pause(before + more, Math.min(milliseconds, LONGEST_PAUSE_MS));
    await this.#pause.ended;
    this.#pause = null;
    this.#emptyWaits = this.#waiting.length > before ? 0 : Math.min(this.#emptyWaits + 1, MOST_DOUBLINGS);
    this.#skipWaits = this.#emptyWaits === 0 ? 0 : 2 ** this.#emptyWaits - 1;
  }
}

export function tooManyWaiting(): CredctlError {
  return new CredctlError('store_unavailable', 'too many tokens are waiting for the store', {
    hint: 'try again',
  });
}

/** A while that ends early once enough tokens are there. */
class Pause {
  readonly expected: number;
  readonly ended: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #end: () => void = () => {};

  constructor(expected: number, milliseconds: number) {
    this.expected = expected;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#timer = setTimeout(this.#end, milliseconds);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#end();
  }
}
