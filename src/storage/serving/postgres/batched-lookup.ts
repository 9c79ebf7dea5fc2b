import { CredctlError } from '../../../domain/errors.js';
import type { Inspected, InspectionRequest, LookupResult } from '../../../domain/ports/serving-port.js';
import type { PostgresPool } from '../../postgres/connection/pool.js';
import type { SchemaInUse } from '../../postgres/earlier/schema-in-use.js';
import { wasAwaited, wasLost } from '../../postgres/fault.js';
import { type LookupBatch, lookupAll } from './lookup-query.js';

/** Upper bound of lookups that wait at the same time. */
const MOST_WAITING = 10_000;

/** Upper bound of lookups in one statement. */
const MOST_AT_ONCE = 500;

/** Milliseconds: timeout of a batch, longer than any lookup takes on a healthy server. */
const ANSWER_MS = 4_000;

interface Waiting extends InspectionRequest {
  readonly resolve: (sighting: LookupResult) => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * Batches the lookups of requests. Those that arrive while a batch is under way form the next batch, so each is
 * answered from a snapshot taken after its arrival. Batches never overlap, so no older answer overtakes a newer
 * one.
 */
export class BatchedLookup {
  readonly #pool: PostgresPool;
  readonly #schema: SchemaInUse;
  #waiting: Waiting[] = [];
  #isLooking = false;
  #stored = -1;
  #generation = 0;

  constructor(pool: PostgresPool, schema: SchemaInUse) {
    this.#pool = pool;
    this.#schema = schema;
  }

  /** Generation as the last batch saw it: changes whenever the stored generation has changed. */
  get generation(): number {
    return this.#generation;
  }

  /** @throws CredctlError `store_unavailable` when too many lookups are waiting */
  lookup(asked: InspectionRequest): Promise<LookupResult> {
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

  /** As many lookups as there are, by one statement of their own, so from one snapshot. */
  async inspect(asked: readonly InspectionRequest[]): Promise<readonly Inspected[]> {
    const batch = await this.#lookupAll(asked);
    this.#note(batch);
    return batch.found;
  }

  async #lookForAll(): Promise<void> {
    this.#isLooking = true;
    // Lookups of the same turn of the event loop share the batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MOST_AT_ONCE);
      try {
        this.#tell(group, await this.#lookupAll(group));
      } catch (fault) {
        // After a timeout, the queued lookups fail too: their own batch would only time out again.
        const waiting = wasAwaited(fault) ? this.#waiting.splice(0) : [];
        for (const { reject } of [...group, ...waiting]) reject(fault);
      }
    }
    this.#isLooking = false;
  }

  #tell(group: readonly Waiting[], batch: LookupBatch): void {
    this.#note(batch);
    for (const [index, { resolve }] of group.entries()) {
      resolve({ generation: this.#generation, token: null, version: null, ...batch.found[index] });
    }
  }

  /** A generation that is older than the last one costs no more than a cache that is filled again. */
  #note({ now, generation }: LookupBatch): void {
    this.#pool.clock.tell(now);
    if (generation === this.#stored) return;
    this.#stored = generation;
    this.#generation += 1;
  }

  /** Retries once, on a new connection, where the pooled one turned out to be lost. */
  async #lookupAll(group: readonly InspectionRequest[]): Promise<LookupBatch> {
    const ask = () => this.#pool.use((session) => lookupAll(session, this.#schema, group), ANSWER_MS);
    try {
      return await ask();
    } catch (fault) {
      if (!wasLost(fault) || wasAwaited(fault)) throw fault;
      return ask();
    }
  }
}
