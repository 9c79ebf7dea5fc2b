import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerContext } from './context.js';
import { Outage } from './outage.js';

/**
 * Interval of flushing uses, in milliseconds: last uses are visible within five seconds, unless writing them
 * takes longer.
 */
const FLUSH_EVERY_MS = 1_000;

/** Time limit of the extra attempt made for a readiness probe, in milliseconds. */
const AGAIN_MS = 3_000;

/** Minimum pause as a multiple of the work before it: answering requests has priority. */
const REST = 3;

const PURGE_EVERY_MS = 60_000;

/**
 * Expired tokens are kept this long, in milliseconds, to distinguish them from unknown ones, which are
 * throttled.
 */
const KEPT_AFTER_EXPIRY_MS = 600_000;

/** Background work of a server. */
export interface Background {
  /** The error of the last attempt to write uses; null when it succeeded, or succeeds now. */
  writeFault(): Promise<unknown>;
  /** Stops the work after a last flush, or after the timeout in milliseconds. */
  stop(timeoutMs: number): Promise<void>;
}

/** Reports of background work; a lasting failure is reported once a minute. */
export interface BackgroundListener {
  /** Called for every single failure. */
  counted(): void;
  /** @param times failures since the last report */
  failed(what: string, fault: unknown, times: number): void;
  ended(what: string): void;
}

/**
 * Flushes uses, records presented canaries and purges expired tokens periodically. A failure is retried at the next interval. Its timers
 * are unreferenced, so that they do not keep the process alive.
 */
export function startBackground(
  { store, verifier, clock }: Pick<ServerContext, 'store' | 'verifier' | 'clock'>,
  listener: BackgroundListener,
): Background {
  const outageOf = (failing: string, again: string): Outage =>
    new Outage({
      failed: (fault, times) => listener.failed(failing, fault, times),
      ended: () => listener.ended(again),
    });
  const watched = (outage: Outage, work: () => Promise<void>): (() => Promise<void>) => {
    return async () => {
      try {
        await work();
        outage.worked();
      } catch (fault) {
        listener.counted();
        outage.failed(fault);
      }
    };
  };
  const writing = outageOf('uses could not be written', 'uses are written again');
  const flush = watched(writing, () => verifier.uses.flush());
  const alarming = outageOf('leaks could not be recorded', 'leaks are recorded again');
  const record = watched(alarming, () => verifier.canaries.flush());
  const removing = outageOf('expired tokens could not be removed', 'expired tokens are removed again');
  const remove = watched(removing, () => purge(store, clock.now() - KEPT_AFTER_EXPIRY_MS));
  const flushing = repeated(flush, FLUSH_EVERY_MS);
  const recording = repeated(record, FLUSH_EVERY_MS);
  const purging = repeated(remove, PURGE_EVERY_MS);
  return {
    async writeFault() {
      // The next interval may be far away although the fault is over.
      if (writing.fault !== null) await isOverWithin(flush(), AGAIN_MS);
      return writing.fault;
    },
    async stop(timeoutMs) {
      const work = Promise.all([flushing.stop(), recording.stop(), purging.stop()]).then(record).then(flush);
      if (await isOverWithin(work, timeoutMs)) return;
      listener.counted();
      listener.failed('uses could not be written', new Error('the store does not answer'), 1);
    },
  };
}

async function isOverWithin(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  const over = new AbortController();
  const limit = sleep(timeoutMs, false, { signal: over.signal }).catch(() => false);
  return Promise.race([work.then(() => true), limit]).finally(() => over.abort());
}

async function purge(store: ServerContext['store'], now: number): Promise<void> {
  while (await store.purgeTokens(now));
}

/** Repeats `work` with a pause that grows with its duration, so that it takes a bounded share of the time. */
function repeated(work: () => Promise<void>, pauseMs: number): { stop(): Promise<void> } {
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer = setTimeout(run, pauseMs).unref();
  function run(): void {
    const begin = performance.now();
    running = work().then(() => {
      const pause = Math.max(pauseMs, REST * (performance.now() - begin));
      if (!isStopped) timer = setTimeout(run, pause).unref();
    });
  }
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
