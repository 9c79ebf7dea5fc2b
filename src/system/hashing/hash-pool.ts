import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { CredctlError, OverloadError } from '../../domain/errors.js';
import type { SecretHasher } from '../../domain/ports/ports.js';
import type { HashRequest } from './hash-thread.js';
import { bcryptSalt, hashesToSpend, isSlow, secretHasher } from './hasher.js';

export interface HashPoolOptions {
  /** The module of a thread that hashes. */
  readonly thread: URL;
  readonly threads: number;
  /** Secrets that may wait for a thread. */
  readonly mostWaiting: number;
}

/** What a pool has to do, and has done since it was made. */
export interface HashPoolLoad {
  /** Secrets that are being hashed. */
  readonly busy: number;
  /** Secrets that wait for a thread. */
  readonly waiting: number;
  /** Secrets that a thread has begun with. */
  readonly started: number;
  /** How long those waited for it, in milliseconds, all together. */
  readonly waitedMs: number;
  /** Secrets for which there was no room to wait. */
  readonly refused: number;
}

/** A hasher whose slow work is done by other threads. */
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
 * Compares bcrypt hashes in a few threads, and everything else at once. Its methods throw `store_unavailable` when too
 * many secrets wait.
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
      // Whoever waits for it wants to see the end of it; a thread that rests keeps no process alive.
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

/** More cores than this have something better to do. */
const MOST_HASH_THREADS = 8;

/** With bcrypt at its usual cost these take about five seconds. */
const WAITING_PER_THREAD = 100;

/** A pool of the size that suits this machine. */
export function hashPoolOfMachine(thread: URL): ReturnType<typeof hashPool> {
  const threads = Math.min(availableParallelism(), MOST_HASH_THREADS);
  return hashPool({ thread, threads, mostWaiting: threads * WAITING_PER_THREAD });
}
