import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Answer } from '../usecases/serving/principal.js';

/** Load of the hash pool, now and since the start. */
export interface HashingLoad {
  /** Secrets being hashed. */
  readonly busy: number;
  /** Secrets queued for a thread. */
  readonly waiting: number;
  /** Secrets started since the pool was created. */
  readonly started: number;
  /** Total queueing time of those, in milliseconds. */
  readonly waitedMs: number;
  /** Secrets refused because the queue was full. */
  readonly refused: number;
}

/** Values read at each scrape. */
export interface Gauges {
  readonly hashing: () => HashingLoad;
  /** Versions with unwritten uses. */
  readonly usesPending: () => number;
  /** Open leaks; not a number while they are not known. */
  readonly openLeaks: () => number;
}

/** Upper bounds of request durations, in seconds: from an answer from memory to the request time-out. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/**
 * Metrics of the server. Counting is a plain addition, but for durations; the other Prometheus objects are filled at
 * each scrape.
 */
export class Metrics {
  tokensIssued = 0;
  /** Store failures in requests and in background work. */
  storeErrors = 0;
  readonly #registry = new Registry();
  /** By route, then by status. */
  readonly #requests = new Map<string, Map<number, number>>();
  readonly #verifications = new Map<string, number>();
  readonly #leaks = new Map<string, number>();
  readonly #durations: Histogram<'route'>;
  #rendering: Promise<Buffer> | null = null;

  constructor({ hashing, usesPending, openLeaks }: Gauges) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    // The endpoint is exempt from the host check, so that it must not disclose software versions.
    this.#registry.removeSingleMetric('nodejs_version_info');
    const counter = (name: string, help: string, label: string | null, fill: (counter: Counter) => void) =>
      new Counter({
        name,
        help,
        registers,
        labelNames: label === null ? [] : label.split(' '),
        collect() {
          this.reset();
          fill(this);
        },
      });
    counter('credctl_http_requests_total', 'Requests by route and status', 'route status', (requests) => {
      for (const [route, counts] of this.#requests) {
        for (const [status, count] of counts) requests.inc({ route, status: String(status) }, count);
      }
    });
    this.#durations = new Histogram({
      name: 'credctl_http_request_duration_seconds',
      help: 'How long requests took, by route',
      labelNames: ['route'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    counter('credctl_verifications_total', 'Presented secrets by outcome', 'outcome', (verifications) => {
      for (const [outcome, count] of this.#verifications) verifications.inc({ outcome }, count);
    });
    counter('credctl_tokens_issued_total', 'Access tokens issued', null, (tokens) =>
      tokens.inc(this.tokensIssued),
    );
    counter('credctl_store_errors_total', 'Failures of the store', null, (errors) =>
      errors.inc(this.storeErrors),
    );
    counter('credctl_hashes_started_total', 'Secrets that a thread has begun to hash', null, (hashes) =>
      hashes.inc(hashing().started),
    );
    counter('credctl_hash_wait_seconds_total', 'How long secrets waited to be hashed', null, (wait) =>
      wait.inc(hashing().waitedMs / 1_000),
    );
    counter('credctl_hashes_refused_total', 'Secrets that too many others waited before', null, (hashes) =>
      hashes.inc(hashing().refused),
    );
    counter(
      'credctl_leaks_total',
      'Secrets that were found somewhere, by what they are',
      'state',
      (leaks) => {
        for (const [state, count] of this.#leaks) leaks.inc({ state }, count);
      },
    );
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    gauge('credctl_secrets_hashing', 'Secrets that are being hashed', () => hashing().busy);
    gauge('credctl_hash_queue_depth', 'Secrets that wait to be hashed', () => hashing().waiting);
    gauge('credctl_uses_pending', 'Versions whose last use is not written yet', usesPending);
    gauge('credctl_leaks_open', 'Leaks that were not closed', openLeaks);
  }

  /**
   * Returns a counter of a route's answers by status, and of how long they took.
   *
   * @param route a pattern; paths are up to clients, and each would be a time series
   */
  requestCounter(route: string): (status: number, elapsedMs: number | null) => void {
    const counts = this.#requests.get(route) ?? new Map<number, number>();
    this.#requests.set(route, counts);
    const durations = this.#durations.labels(route);
    return (status, elapsedMs) => {
      add(counts, status);
      if (elapsedMs !== null) durations.observe(elapsedMs / 1_000);
    };
  }

  countVerification(answer: Answer): void {
    add(this.#verifications, answer.accepted ? 'granted' : answer.reason);
  }

  /** @param state what a secret is that was found somewhere */
  countLeak(state: string): void {
    add(this.#leaks, state);
  }

  /** Renders the metrics in the Prometheus text format. */
  async render(): Promise<{ readonly type: string; readonly text: Buffer }> {
    // Concurrent scrapes share one rendering.
    this.#rendering ??= this.#registry.metrics().then((text) => {
      this.#rendering = null;
      return Buffer.from(text);
    });
    return { type: this.#registry.contentType, text: await this.#rendering };
  }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
