import type { Server } from 'node:http';
import { CredctlError } from '../domain/errors.js';
import type { SecretHasher } from '../domain/ports/ports.js';
import { isLoopback } from '../domain/text/loopback.js';
import type { CanaryPresented } from '../usecases/serving/canary-watch.js';
import { TokenIssuer, type TokenIssuerDependencies } from '../usecases/serving/issue-token.js';
import { SecretChecks } from '../usecases/serving/secret-checks.js';
import { Verifier, type VerifierDependencies } from '../usecases/serving/verifier.js';
import { type AppOptions, buildApp } from './app.js';
import { type Background, startBackground } from './background.js';
import { Connections } from './connections.js';
import type { AlertSettings, ServerContext } from './context.js';
import { type ListeningPlaces, type ListenOnSocket, listen } from './listening.js';
import { type HashingLoad, Metrics } from './metrics.js';
import { trustIn, type UNIX_PEER } from './request/client-address.js';
import { RequestBatch } from './request-batch.js';
import { OpenLeaks } from './scan/open-leaks.js';
import { type KeyList, SigningKeys } from './scan/signing-keys.js';

/** External dependencies of a server. */
export interface ServerDependencies extends VerifierDependencies, TokenIssuerDependencies {
  readonly hashing: () => HashingLoad;
  /** Hashes what can wait behind ordinary requests. */
  readonly hasherBehind: SecretHasher;
  readonly listenOnSocket: ListenOnSocket;
  /** Public keys by which alerts of GitHub are signed; null where none are taken. */
  readonly githubKeys: KeyList | null;
}

/** Options of a server. */
export interface ServerOptions extends Omit<AppOptions, 'hosts'>, ListeningPlaces {
  /** Networks of proxies, or {@link UNIX_PEER}, whose `X-Forwarded-For` is trusted. */
  readonly trustProxy: readonly string[];
  readonly publicUrl: string | null;
  readonly allowedHosts: readonly string[];
  /** Whether what GitHub reports is stopped where it is live. */
  readonly stopsLeaks: boolean;
}

/** A listening server. */
export interface RunningServer {
  /** Base URL of the listener, such as `http://127.0.0.1:8080`; `unix:PATH` for a socket alone. */
  readonly url: string;
  /** Fails readiness probes from now on, and changes nothing else. */
  announceEnd(): void;
  /**
   * Graceful shutdown: stops accepting, completes requests in flight, and flushes uses. Requests that exceed
   * `timeoutMs` are aborted; the flush then has two more seconds.
   *
   * @returns whether everything completed
   */
  drain(timeoutMs: number): Promise<boolean>;
  /** Aborts requests in flight. */
  cutOff(): void;
}

const SWEEP_EVERY_MS = 50;

/** How long idle keep-alive connections stay open while draining, in milliseconds. */
const LAST_REQUEST_MS = 250;

/** How long a client may take to send the headers of a request while draining, in milliseconds. */
const SILENCE_MS = 1_000;

/** Time limit of the last flush when requests used up the drain timeout, in milliseconds. */
const LAST_WRITES_MS = 2_000;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Starts listening.
 *
 * @throws CredctlError as {@link listen}
 */
export async function startServer(deps: ServerDependencies, options: ServerOptions): Promise<RunningServer> {
  const verifier = new Verifier({ ...deps, onCanary: (presented) => logCanary(app.log, presented) });
  let isEnding = false;
  let isDraining = false;
  let background: Background | null = null;
  const alerts = await alertSettings(deps.githubKeys, options.stopsLeaks);
  const openLeaks = new OpenLeaks(deps.store);
  const context: ServerContext = {
    ...deps,
    verifier,
    tokenIssuer: new TokenIssuer(deps),
    secretChecks: new SecretChecks({ ...deps, hasher: deps.hasherBehind }),
    changes: deps,
    openLeaks,
    alerts,
    requests: new RequestBatch(deps.store),
    publicUrl: options.publicUrl,
    trusts: trustIn(options.trustProxy),
    metrics: new Metrics({
      hashing: deps.hashing,
      usesPending: () => verifier.uses.pending(),
      openLeaks: () => openLeaks.count,
    }),
    writeFault: async () => (await background?.writeFault()) ?? null,
    isEnding: () => isEnding,
    isDraining: () => isDraining,
  };
  const connections = new Connections();
  const app = buildApp(context, { ...options, hosts: hostsOf(options) }, connections);
  const { url, close } = await listen(app, options, deps.listenOnSocket);
  app.log.info({ store: deps.store.location }, 'serving');
  const running = startBackground(context, {
    counted: () => {
      context.metrics.storeErrors += 1;
    },
    failed: (what, fault, times) => app.log.warn({ ...toldOf(fault), times }, what),
    ended: (what) => app.log.info(what),
  });
  // Logs why the server is not ready. A standby, for example, is served from once it is promoted.
  deps.store.probe().catch((fault: unknown) => app.log.warn(toldOf(fault), 'not ready'));
  background = running;
  return {
    url,
    announceEnd() {
      isEnding = true;
      app.log.info('ending');
    },
    async drain(timeoutMs) {
      isEnding = true;
      isDraining = true;
      app.log.info('draining');
      let isFinished = true;
      const begin = performance.now();
      const timer = setTimeout(() => {
        isFinished = false;
        app.server.closeAllConnections();
      }, timeoutMs);
      const stopSweeping = sweep(app.server, connections);
      await Promise.all([app.close(), close()]);
      stopSweeping();
      clearTimeout(timer);
      await running.stop(Math.max(LAST_WRITES_MS, timeoutMs - (performance.now() - begin)));
      app.log.info({ finished: isFinished }, 'stopped');
      return isFinished;
    },
    cutOff: () => app.server.closeAllConnections(),
  };
}

/** @throws CredctlError `usage` for a file that is no list of keys */
async function alertSettings(list: KeyList | null, stops: boolean): Promise<AlertSettings | null> {
  if (list === null) return null;
  const keys = new SigningKeys(list);
  if (list.isFile) await keys.load();
  return { keys, stops };
}

/**
 * Closes connections while draining. Idle keep-alive connections get a grace, so that a client's next request
 * is answered with `Connection: close` instead of failing on a closed socket.
 *
 * @returns ends it
 */
function sweep(server: Server, connections: Connections): () => void {
  const begin = performance.now();
  const closeIdle = server.closeIdleConnections.bind(server);
  // `server.close()` would close idle connections at once.
  server.closeIdleConnections = () => {};
  const timer = setInterval(() => {
    const elapsed = performance.now() - begin;
    if (elapsed >= LAST_REQUEST_MS) closeIdle();
    if (elapsed >= SILENCE_MS) connections.cutOffSilent();
  }, SWEEP_EVERY_MS);
  return () => clearInterval(timer);
}

function logCanary(log: { error(about: object, message: string): void }, presented: CanaryPresented): void {
  const { handle, credential, address, times } = presented;
  log.error({ handle, credential, address, times }, 'a canary was presented');
}

function toldOf(fault: unknown): Readonly<Record<string, string>> {
  const message = fault instanceof Error ? fault.message : String(fault);
  return fault instanceof CredctlError ? { code: fault.code, message } : { message };
}

function hostsOf({ host, publicUrl, allowedHosts }: ServerOptions): readonly string[] {
  const own = host.includes(':') ? `[${host}]` : host;
  const loopback = isLoopback(host) ? LOOPBACK : ['localhost'];
  return [own, ...loopback, ...allowedHosts, ...(publicUrl === null ? [] : [new URL(publicUrl).host])];
}
