import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Answer } from '../usecases/serving/grant.js';

/** Figures that are read when somebody asks. */
export interface Gauges {
  /** Secrets that are being hashed or wait for it. */
  readonly hashing: () => number;
  /** Versions whose last use is not written yet. */
  readonly usesPending: () => number;
}

/** Counts what happens. Counting is plain addition; Prometheus' own objects are filled when somebody looks. */
export class Metrics {
  tokensIssued = 0;
  readonly #registry = new Registry();
  /** By route, then by status. */
  readonly #requests = new Map<string, Map<number, number>>();
  readonly #verifications = new Map<string, number>();

  constructor({ hashing, usesPending }: Gauges) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
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
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    gauge('credctl_secrets_hashing', 'Secrets that are being hashed or wait for it', hashing);
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

  async render(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
