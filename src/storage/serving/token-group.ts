import { CredctlError } from '../../domain/errors.js';
import type { AccessToken } from '../../domain/store-port.js';

/** Tokens that may wait for the disk at once. */
const MOST_WAITING = 10_000;

interface Waiting {
  readonly token: AccessToken;
  readonly resolve: (isKept: boolean) => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * Writes tokens in groups: those that arrive while a group is being written are the next group. One synchronised
 * write serves them all. So do those that arrive in the same turn of the event loop.
 */
export class TokenGroup {
  readonly #insert: (tokens: readonly AccessToken[]) => Promise<readonly boolean[]>;
  #waiting: Waiting[] = [];
  #isWriting = false;

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
      if (this.#isWriting) return;
      this.#isWriting = true;
      queueMicrotask(() => void this.#writeAll());
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const kept = await this.#insert(group.map(({ token }) => token));
        for (const [index, { resolve }] of group.entries()) resolve(kept[index] === true);
      } catch (fault) {
        for (const { reject } of group) reject(fault);
      }
    }
    this.#isWriting = false;
  }
}
