import { performance } from 'node:perf_hooks';

/** Interval of reports during a lasting failure, in milliseconds. */
const AGAIN_MS = 60_000;

/** Receives reports about repeated work that fails for a while. */
export interface OutageListener {
  /** @param times failures since the last report */
  failed(fault: unknown, times: number): void;
  /** The work succeeds again. */
  ended(): void;
}

/**
 * Throttles reports of a failure: at its beginning, when its message changes, once a minute while it lasts, and
 * at its end.
 */
export class Outage {
  readonly #listener: OutageListener;
  readonly #now: () => number;
  #last: { readonly message: string; readonly at: number } | null = null;
  #times = 0;
  #fault: unknown = null;

  /** @param now a monotonic clock in milliseconds */
  constructor(listener: OutageListener, now: () => number = () => performance.now()) {
    this.#listener = listener;
    this.#now = now;
  }

  /** The present failure; null while the work succeeds. */
  get fault(): unknown {
    return this.#fault;
  }

  failed(fault: unknown): void {
    this.#fault = fault;
    this.#times += 1;
    const message = String(fault);
    const now = this.#now();
    if (this.#last?.message === message && now - this.#last.at < AGAIN_MS) return;
    this.#listener.failed(fault, this.#times);
    this.#last = { message, at: now };
    this.#times = 0;
  }

  worked(): void {
    this.#fault = null;
    if (this.#last === null) return;
    this.#last = null;
    this.#times = 0;
    this.#listener.ended();
  }
}
