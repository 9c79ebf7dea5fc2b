import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretHasher } from '../domain/ports/ports.js';
import type { Catalog } from '../domain/scope/catalog.js';
import { type LogFormat, logLine } from './log-format.js';
import type { HashingLoad } from './metrics.js';
import { type ServerDependencies, type ServerOptions, startServer } from './server.js';

/** Parts of a server process besides its endpoints. */
export interface ServerParts extends Omit<ServerDependencies, 'hashing' | 'hasherBehind'> {
  readonly hasher: SecretHasher & {
    readonly behind: SecretHasher;
    load(): HashingLoad;
    close(): Promise<void>;
  };
  readonly log: { write(line: string): void; flush(timeoutMs: number): Promise<void> };
  /** Told when the server begins to serve and to end; the answer is why that failed, or null. */
  readonly manager: { tell(state: 'READY=1' | 'STOPPING=1'): Promise<string | null> };
  /** Resolves at the first request to terminate (graceful), and at the second one (immediate). */
  readonly termination: { readonly asked: Promise<void>; readonly insisted: Promise<void> };
}

/** Settings of a server process. */
export interface ServerSettings extends Omit<ServerOptions, 'log'> {
  readonly logFormat: LogFormat;
}

/** A server that runs for the lifetime of its process. */
export interface ServerProcess {
  readonly url: string;
  /** The catalog of its store. Errors: as of the store. */
  catalog(): Promise<Catalog>;
  /** Tells the service manager that the server is ready. @returns why that failed; null when it did not */
  tellReady(): Promise<string | null>;
  /** Waits for a termination request, then ends the server within the limits. */
  untilEnded(limits: EndingLimits): Promise<void>;
}

/** Limits of an end, in milliseconds. */
export interface EndingLimits {
  /** How long readiness probes fail before the server stops accepting. */
  readonly shutdownDelayMs: number;
  /** How long requests in flight may take after that. */
  readonly drainTimeoutMs: number;
}

const LOG_TIMEOUT_MS = 500;

/** Starts the server of a process. Throws as {@link startServer}. */
export async function startServerProcess(
  { logFormat, ...options }: ServerSettings,
  parts: ServerParts,
): Promise<ServerProcess> {
  const { store, hasher, log, manager, termination } = parts;
  const close = async (): Promise<void> => {
    await Promise.all([store.close(), hasher.close()]);
    await log.flush(LOG_TIMEOUT_MS);
  };
  const server = await startServer(
    { ...parts, hashing: () => hasher.load(), hasherBehind: hasher.behind },
    { ...options, log: (line) => log.write(logLine(logFormat, line)) },
  ).catch(async (fault: unknown) => {
    await close();
    throw fault;
  });
  return {
    url: server.url,
    catalog: async () => (await store.metadata()).catalog,
    tellReady: () => manager.tell('READY=1'),
    async untilEnded({ shutdownDelayMs, drainTimeoutMs }) {
      await termination.asked;
      const told = manager.tell('STOPPING=1');
      const insisted = termination.insisted.then(() => server.cutOff());
      if (shutdownDelayMs > 0) {
        server.announceEnd();
        await passed(shutdownDelayMs, insisted);
      }
      await Promise.all([server.drain(drainTimeoutMs), told]);
      await close();
    },
  };
}

/** Waits for so many milliseconds, or until `insisted`. */
async function passed(delayMs: number, insisted: Promise<void>): Promise<void> {
  const over = new AbortController();
  const delay = sleep(delayMs, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([delay, insisted]);
  over.abort();
}
