import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerContext } from './context.js';
import { Outage } from './outage.js';

/** Last uses are to be seen within five seconds, unless so many are in use that writing them takes as long. */
const FLUSH_EVERY_MS = 1_000;

/** How long one more attempt may take, for who asks whether uses can be written. */
const AGAIN_MS = 3_000;

/** How much longer than the work itself the pause after it is at least: answering requests comes first. */
const REST = 3;

const PURGE_EVERY_MS = 60_000;

/** A token that has just expired is still told from one that never was: its client is not to be throttled. */
const KEPT_AFTER_EXPIRY_MS = 600_000;

/** What a server does besides answering. */
export interface Background {
  /** Why uses can not be written; null where they could the last time, or can now. */
  writeFault(): Promise<unknown>;
  /** Ends it, once everything that was gathered is written, or after so many milliseconds. */
  stop(timeoutMs: number): Promise<void>;
}

/** What is told of it; of a failure that goes on, once a minute. */
export interface BackgroundListener {
  /** Every single failure. */
  counted(): void;
  /** @param times how often it has failed since this was told last */
  failed(what: string, fault: unknown, times: number): void;
  ended(what: string): void;
}

/**
 * Writes uses and purges expired tokens from time to time. What fails is tried again the next time. It keeps no process
 * alive.
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
  const removing = outageOf('expired tokens could not be removed', 'expired tokens are removed again');
  const remove = watched(removing, () => purge(store, clock.now() - KEPT_AFTER_EXPIRY_MS));
  const flushing = repeated(flush, FLUSH_EVERY_MS);
  const purging = repeated(remove, PURGE_EVERY_MS);
  return {
    async writeFault() {
      // The next attempt may be long in coming, and the fault over.
      if (writing.fault !== null) await isOverWithin(flush(), AGAIN_MS);
      return writing.fault;
    },
    async stop(timeoutMs) {
      const work = Promise.all([flushing.stop(), purging.stop()]).then(flush);
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

/** Runs `work` again and again, with a pause after each time that is long enough to keep it from filling the time. */
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
