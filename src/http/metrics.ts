import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Answer } from '../usecases/serving/principal.js';

/** What hashing is doing, and has done since the start. */
export interface HashingLoad {
  /** Secrets that are being hashed. */
  readonly busy: number;
  /** Secrets that wait for a thread. */
  readonly waiting: number;
  /** Secrets that a thread has begun with. */
  readonly started: number;
  /** How long those waited for it, in milliseconds, all together. */
  readonly waitedMs: number;
  /** Secrets for which there was no room to wait. */
  readonly refused: number;
}

/** Figures that are read when somebody asks. */
export interface Gauges {
  readonly hashing: () => HashingLoad;
  /** Versions whose last use is not written yet. */
  readonly usesPending: () => number;
}

/** Counts what happens. Counting is plain addition; Prometheus' own objects are filled when somebody looks. */
export class Metrics {
  tokensIssued = 0;
  /** What the store could not do: for a request, or by itself. */
  storeErrors = 0;
  readonly #registry = new Registry();
  /** By route, then by status. */
  readonly #requests = new Map<string, Map<number, number>>();
  readonly #verifications = new Map<string, number>();
  #rendering: Promise<Buffer> | null = null;

  constructor({ hashing, usesPending }: Gauges) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    // These figures are open to every Host: they name no software, as they name no credential.
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
  }

  /** Counts the answers of a route by their status. */
  requestCounter(route: string): (status: number) => void {
    const counts = this.#requests.get(route) ?? new Map<number, number>();
    this.#requests.set(route, counts);
    return (status) => add(counts, status);
  }

  countVerification(answer: Answer): void {
    add(this.#verifications, answer.granted ? 'granted' : answer.reason);
  }

  /** The figures as Prometheus reads them. */
  async render(): Promise<{ readonly type: string; readonly text: Buffer }> {
    // It takes a while, and everybody who asks meanwhile can have the same.
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
