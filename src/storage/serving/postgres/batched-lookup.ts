import { CredctlError } from '../../../domain/errors.js';
import type { LookupResult } from '../../../domain/ports/serving-port.js';
import type { PostgresPool } from '../../postgres/connection/pool.js';
import { wasAwaited, wasLost } from '../../postgres/fault.js';
import { type LookupBatch, type LookupRequest, lookupAll } from './lookup-query.js';

/** Questions that may wait at once. */
const MOST_WAITING = 10_000;

/** Questions that go in one statement. */
const MOST_AT_ONCE = 500;

/** Longer than any look takes while the server is well. */
const ANSWER_MS = 4_000;

interface Waiting extends LookupRequest {
  readonly resolve: (sighting: LookupResult) => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * Looks for what requests present. Those that arrive while a question is under way share the next one, so that each
 * is answered by what the store said after it had arrived. There is never more than one question under way: no answer
 * is overtaken by an older one.
 */
export class BatchedLookup {
  readonly #pool: PostgresPool;
  #waiting: Waiting[] = [];
  #isLooking = false;
  #stored = -1;
  #generation = 0;

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  /** Another number than before as soon as a look has found another generation. */
  get generation(): number {
    return this.#generation;
  }

  lookup(asked: LookupRequest): Promise<LookupResult> {
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(
        new CredctlError('store_unavailable', 'too many requests are waiting for the store', {
          hint: 'try again',
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...asked, resolve, reject });
      if (!this.#isLooking) void this.#lookForAll();
    });
  }

  async #lookForAll(): Promise<void> {
    this.#isLooking = true;
    // What arrives in the same turn of the event loop shares the question.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MOST_AT_ONCE);
      try {
        this.#tell(group, await this.#lookupAll(group));
      } catch (fault) {
        // Those behind would wait as long once more, for a server that does not answer.
        const waiting = wasAwaited(fault) ? this.#waiting.splice(0) : [];
        for (const { reject } of [...group, ...waiting]) reject(fault);
      }
    }
    this.#isLooking = false;
  }

  #tell(group: readonly Waiting[], { now, generation, found }: LookupBatch): void {
    this.#pool.clock.tell(now);
    if (generation !== this.#stored) {
      this.#stored = generation;
      this.#generation += 1;
    }
    for (const [index, { resolve }] of group.entries()) {
      resolve({ generation: this.#generation, token: null, version: null, ...found[index] });
    }
  }

  /** A connection that had died meanwhile is replaced, once. */
  async #lookupAll(group: readonly LookupRequest[]): Promise<LookupBatch> {
    const ask = () => this.#pool.use((session) => lookupAll(session, group), ANSWER_MS);
    try {
      return await ask();
    } catch (fault) {
      if (!wasLost(fault) || wasAwaited(fault)) throw fault;
      return ask();
    }
  }
}
