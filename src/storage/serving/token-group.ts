import { CredctlError } from '../../domain/errors.js';
import type { AccessToken } from '../../domain/store-port.js';

/** Tokens that may wait for the disk at once. */
const MOST_WAITING = 10_000;

/** How long the pause between two groups is at most, as a share of the time that the last one took to be written. */
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
 * Writes tokens in groups: those that arrive while a group is being written are the next group. One synchronised
 * write serves them all. So do those that arrive in the same turn of the event loop.
 *
 * Clients that were answered together ask again together, only not at the very same time. A short pause after each
 * group lets them share one write again; without it, the first of them would have a write of its own, and all others
 * would wait for that. Where nobody comes during a pause, there is none for a while.
 */
export class TokenGroup {
  readonly #insert: (tokens: readonly AccessToken[]) => Promise<readonly boolean[]>;
  #waiting: Waiting[] = [];
  #isBusy = false;
  #pause: Pause | null = null;
  /** Pauses in vain, one after the other, and how many groups still go without one for that. */
  #inVain = 0;
  #without = 0;

  constructor(insert: (tokens: readonly AccessToken[]) => Promise<readonly boolean[]>) {
    this.#insert = insert;
  }

  /** @returns whether it was kept; resolved once it is durable */
  add(token: AccessToken): Promise<boolean> {
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(
        new CredctlError('store_unavailable', 'too many tokens are waiting for the store', {
          hint: 'try again',
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ token, resolve, reject });
      if (!this.#isBusy) {
        this.#isBusy = true;
        queueMicrotask(() => void this.#writeAll());
      } else if (this.#waiting.length === this.#pause?.expected) this.#pause.end();
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const begin = performance.now();
      try {
        const kept = await this.#insert(group.map(({ token }) => token));
        for (const [index, { resolve }] of group.entries()) resolve(kept[index] === true);
      } catch (fault) {
        for (const { reject } of group) reject(fault);
      }
      if (this.#without > 0) this.#without -= 1;
      else await this.#waitFor(group.length, (performance.now() - begin) * PAUSE);
    }
    this.#isBusy = false;
  }

  /** Until so many more are there, for so long at most. */
  async #waitFor(more: number, milliseconds: number): Promise<void> {
    const before = this.#waiting.length;
    this.#pause = new Pause(before + more, Math.min(milliseconds, LONGEST_PAUSE_MS));
    await this.#pause.ended;
    this.#pause = null;
    this.#inVain = this.#waiting.length > before ? 0 : Math.min(this.#inVain + 1, MOST_DOUBLINGS);
    this.#without = this.#inVain === 0 ? 0 : 2 ** this.#inVain - 1;
  }
}

/** A while that ends early once enough tokens are there. */
class Pause {
  readonly expected: number;
  readonly ended: Promise<void>;
  #isOver = false;
  #timer: NodeJS.Timeout | null = null;
  #end: () => void = () => {};

  constructor(expected: number, milliseconds: number) {
    this.expected = expected;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    if (milliseconds >= 1) this.#timer = setTimeout(() => this.end(), milliseconds);
    else this.#turn(performance.now() + milliseconds);
  }

  end(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#end();
  }

  /** A timer would take a millisecond at least. */
  #turn(deadline: number): void {
    if (this.#isOver) return;
    if (performance.now() >= deadline) this.end();
    else setImmediate(() => this.#turn(deadline));
  }
}
