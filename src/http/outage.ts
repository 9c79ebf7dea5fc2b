import { performance } from 'node:perf_hooks';

/** How often a failure that goes on is told of again. */
const AGAIN_MS = 60_000;

/** What is told of work that is repeated, and fails for a while. */
export interface OutageListener {
  /** @param times how often it has failed since it was told of last */
  failed(fault: unknown, times: number): void;
  /** It works again. */
  ended(): void;
}

/** Tells of a failure when it begins, when it becomes another one, once a minute for as long as it lasts, and of its end. */
export class Outage {
  readonly #listener: OutageListener;
  readonly #now: () => number;
  #last: { readonly message: string; readonly at: number } | null = null;
  #times = 0;
  #fault: unknown = null;

  /** @param now milliseconds of a clock that nobody sets */
  constructor(listener: OutageListener, now: () => number = () => performance.now()) {
    this.#listener = listener;
    this.#now = now;
  }

  /** What goes on failing; null while the work succeeds. */
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
