import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { CredctlError, OverloadError } from '../../domain/errors.js';
import type { SecretHasher } from '../../domain/ports/ports.js';
import type { HashRequest } from './hash-thread.js';
import { bcryptSalt, hashesToSpend, isSlow, secretHasher } from './hasher.js';

/** Options of {@link hashPool}. */
export interface HashPoolOptions {
  /** Module of the worker thread. */
  readonly thread: URL;
  readonly threads: number;
  /** Maximum length of the queue. */
  readonly mostWaiting: number;
}

/** Load of the pool, now and since it was created. */
export interface HashPoolLoad {
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

/** A hasher that runs slow hashes in worker threads. */
export interface HashPool extends SecretHasher {
  load(): HashPoolLoad;
  close(): Promise<void>;
}

interface Job {
  readonly request: HashRequest;
  readonly since: number;
  readonly resolve: (hash: string) => void;
  readonly reject: (fault: Error) => void;
}

/**
 * A pool of worker threads for bcrypt; SHA-256 is computed on the calling thread. Backpressure: methods throw
 * `store_unavailable` when the queue is full.
 */
export function hashPool({ thread, threads, mostWaiting }: HashPoolOptions): HashPool {
  const waiting: Job[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job>();
  let [started, waitedMs, refused] = [0, 0, 0];
  let isClosed = false;

  function hash(request: HashRequest): Promise<string> {
    return new Promise((resolve, reject) => {
      if (waiting.length >= mostWaiting) {
        refused += 1;
        reject(new OverloadError('too many secrets are being checked'));
        return;
      }
      waiting.push({ request, since: performance.now(), resolve, reject });
      assign();
    });
  }

  function assign(): void {
    while (waiting.length > 0 && !isClosed) {
      const worker = idle.pop() ?? (busy.size < threads ? start() : undefined);
      if (worker === undefined) return;
      const job = waiting.shift();
      if (job === undefined) return;
      busy.set(worker, job);
      // A busy worker keeps the process alive; an idle one is unreferenced.
      worker.ref();
      started += 1;
      waitedMs += performance.now() - job.since;
      worker.postMessage(job.request);
    }
  }

  function start(): Worker {
    const worker = new Worker(thread);
    worker.on('message', (hash: string) => {
      busy.get(worker)?.resolve(hash);
      busy.delete(worker);
      worker.unref();
      idle.push(worker);
      assign();
    });
    const fail = (cause: unknown): void => {
      busy
        .get(worker)
        ?.reject(new CredctlError('unexpected', 'a thread that checks secrets has ended', { cause }));
      busy.delete(worker);
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
      assign();
    };
    worker.on('error', fail);
    worker.on('exit', fail);
    return worker;
  }

  async function matches(secret: string, stored: string): Promise<boolean> {
    if (!isSlow(stored)) return secretHasher.matches(secret, stored);
    return secretHasher.isSameDigest(await hash({ secret, salt: bcryptSalt(stored) }), stored);
  }

  return {
    ...secretHasher,
    matches,
    async spend(secret, policies, compared) {
      for (const stored of hashesToSpend(policies, compared)) await matches(secret, stored);
    },
    load: () => ({ busy: busy.size, waiting: waiting.length, started, waitedMs, refused }),
    async close() {
      isClosed = true;
      await Promise.all([...idle, ...busy.keys()].map((worker) => worker.terminate()));
    },
  };
}

/**
 * The module of a worker thread as a `data:` URL. Threads start on demand, when the package may have been replaced
 * under a running server.
 *
 * @param thread a module that imports nothing but Node.js's own
 */
export function inMemory(thread: URL): URL {
  return new URL(`data:text/javascript;base64,${readFileSync(thread, 'base64')}`);
}

/** Maximum number of hash threads. */
const MOST_HASH_THREADS = 8;

/** Queue length per thread: about five seconds of bcrypt at its default cost. */
const WAITING_PER_THREAD = 100;

/** A pool sized for this machine. */
export function hashPoolOfMachine(thread: URL): ReturnType<typeof hashPool> {
  const threads = Math.min(availableParallelism(), MOST_HASH_THREADS);
  return hashPool({ thread, threads, mostWaiting: threads * WAITING_PER_THREAD });
}
