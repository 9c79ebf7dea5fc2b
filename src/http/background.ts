import type { ServerContext } from './context.js';

/** Last uses are to be seen within five seconds, unless so many are in use that writing them takes as long. */
const FLUSH_EVERY_MS = 1_000;

/** How much longer than the work itself the pause after it is at least: answering requests comes first. */
const REST = 3;

const PURGE_EVERY_MS = 60_000;

/** A token that has just expired is still told from one that never was: its client is not to be throttled. */
const KEPT_AFTER_EXPIRY_MS = 600_000;

/** What a server does besides answering. */
export interface Background {
  /** Ends it, once everything that was gathered is written. */
  stop(): Promise<void>;
}

/**
 * Writes uses and purges expired tokens from time to time. What fails is tried again the next time. It keeps no process
 * alive.
 */
export function startBackground(
  { store, verifier, clock }: Pick<ServerContext, 'store' | 'verifier' | 'clock'>,
  onFault: (what: string, fault: unknown) => void,
): Background {
  const warn = (what: string) => (fault: unknown) => onFault(what, fault);
  const flush = (): Promise<void> => verifier.uses.flush().catch(warn('uses could not be written'));
  const flushing = repeated(flush, FLUSH_EVERY_MS);
  const purging = repeated(
    () => purge(store, clock.now() - KEPT_AFTER_EXPIRY_MS).catch(warn('expired tokens could not be removed')),
    PURGE_EVERY_MS,
  );
  return {
    async stop() {
      await Promise.all([flushing.stop(), purging.stop()]);
      await flush();
    },
  };
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
