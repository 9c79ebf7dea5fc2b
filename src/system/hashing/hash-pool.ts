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
  /** Maximum length of the queue of what others go before. */
  readonly mostBehind?: number;
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
  /**
   * The same hasher for what can wait: its secrets are started while no other one waits, on half of the threads at most,
   * and it is full by itself.
   */
  readonly behind: SecretHasher;
  load(): HashPoolLoad;
  close(): Promise<void>;
}

interface Job {
  readonly request: HashRequest;
  readonly since: number;
  readonly isBehind: boolean;
  readonly resolve: (hash: string) => void;
  readonly reject: (fault: Error) => void;
}

/**
 * A pool of worker threads for bcrypt; SHA-256 is computed on the calling thread. Backpressure: methods throw
 * `store_unavailable` when the queue is full.
 */
export function hashPool({ thread, threads, mostWaiting, mostBehind = 0 }: HashPoolOptions): HashPool {
  const waiting: Job[] = [];
  const behind: Job[] = [];
  // The other threads stay free, so that an ordinary secret does not wait until one of these is hashed.
  const threadsBehind = Math.max(1, Math.floor(threads / 2));
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job>();
  let [started, waitedMs, refused] = [0, 0, 0];
  let isClosed = false;

  function hash(request: HashRequest, isBehind: boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const [queue, most] = isBehind ? [behind, mostBehind] : [waiting, mostWaiting];
      if (queue.length >= most) {
        refused += 1;
        reject(new OverloadError('too many secrets are being checked'));
        return;
      }
      queue.push({ request, since: performance.now(), isBehind, resolve, reject });
      assign();
    });
  }

  /** The queue whose first job is the next one; null where nothing may be started now. */
  function nextQueue(): Job[] | null {
    if (waiting.length > 0) return waiting;
    const running = [...busy.values()].filter(({ isBehind }) => isBehind).length;
    return behind.length > 0 && running < threadsBehind ? behind : null;
  }

  function assign(): void {
    for (let queue = nextQueue(); queue !== null && !isClosed; queue = nextQueue()) {
      const worker = idle.pop() ?? (busy.size < threads ? start() : undefined);
      if (worker === undefined) return;
      const job = queue.shift();
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

  function hasherOf(isBehind: boolean): SecretHasher {
    const matches = async (secret: string, stored: string): Promise<boolean> => {
      if (!isSlow(stored)) return secretHasher.matches(secret, stored);
      return secretHasher.isSameDigest(await hash({ secret, salt: bcryptSalt(stored) }, isBehind), stored);
    };
    return {
      ...secretHasher,
      matches,
      async spend(secret, policies, compared) {
        for (const stored of hashesToSpend(policies, compared)) await matches(secret, stored);
      },
    };
  }

  return {
    ...hasherOf(false),
    behind: hasherOf(true),
    load: () => ({
      busy: busy.size,
      waiting: waiting.length + behind.length,
      started,
      waitedMs,
      refused,
    }),
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

/** Queue of what others go before: each request that checks secrets has one of them hashed at a time. */
const MOST_BEHIND = 100;

/** A pool sized for this machine. */
export function hashPoolOfMachine(thread: URL): ReturnType<typeof hashPool> {
  const threads = Math.min(availableParallelism(), MOST_HASH_THREADS);
  return hashPool({
    thread,
    threads,
    mostWaiting: threads * WAITING_PER_THREAD,
    mostBehind: MOST_BEHIND,
  });
}
