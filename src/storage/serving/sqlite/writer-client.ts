import { Worker } from 'node:worker_threads';
import { CredctlError } from '../../../domain/errors.js';
import type { RecordedUse } from '../../../domain/ports/serving-port.js';
import type { AccessToken, StoreTransaction } from '../../../domain/ports/store-port.js';
import { libraryInUse } from '../../sqlite/connection.js';
import { MOST_WAITING, tooManyWaiting } from '../group-commit.js';
import type { Writer } from './writer.js';
import {
  type Answer,
  arrived,
  type BatchName,
  type NumberedToken,
  packed,
  type Release,
  type Request,
  type TokenAnswers,
  type Tokens,
  type WriterData,
} from './writer-protocol.js';

/** MiB of the worker's young generation: messages live for one transaction, and a small heap frees them soon. */
const YOUNG_MIB = 6;

/** Milliseconds to wait until the worker has closed a replaced file: it does so at once, or is busy for long. */
const RELEASE_MS = 50;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (fault: Error) => void;
}

/** A request without its id. */
type Question = Request extends infer Each ? (Each extends Request ? Omit<Each, 'id'> : never) : never;

/** Writes on a worker thread, so that this thread never waits for a lock or an fsync. */
export class WriterClient implements Writer {
  readonly #thread: URL;
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  /** Tokens of this turn of the event loop, sent as one message. */
  #gathered: NumberedToken[] = [];
  #tokensWaiting = 0;
  #worker: Worker | null = null;
  #lastId = 0;
  /** Resolves when the previous transaction has ended. */
  #lastTurn: Promise<unknown> = Promise.resolve();

  /** @param thread the module of the worker thread that writes */
  constructor(thread: URL, path: string) {
    this.#thread = thread;
    this.#path = path;
  }

  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#ask({ kind: 'begin' });
      let result: T;
      try {
        result = await work(this.#remoteTransaction());
      } catch (fault) {
        await this.#ask({ kind: 'rollback' }).catch(() => {});
        throw fault;
      }
      await this.#ask({ kind: 'commit' });
      return result;
    });
  }

  /** The worker does the group commit: it knows which tokens have arrived by the end of a write. */
  insertToken(token: AccessToken): Promise<boolean> {
    if (this.#tokensWaiting >= MOST_WAITING) return Promise.reject(tooManyWaiting());
    this.#tokensWaiting += 1;
    return this.#answerTo((number) => {
      this.#gathered.push({ number, token });
      if (this.#gathered.length === 1) queueMicrotask(() => this.#sendTokens());
    }) as Promise<boolean>;
  }

  #sendTokens(): void {
    if (this.#gathered.length === 0) return;
    const tokens = packed(this.#gathered);
    this.#gathered = [];
    this.#thereNow().postMessage({ kind: 'tokens', tokens } satisfies Tokens);
  }

  recordUses(uses: readonly RecordedUse[]): Promise<void> {
    return this.#batch('recordUses', uses) as Promise<void>;
  }

  deleteToken(tokenId: string, credentialId: string): Promise<void> {
    return this.#batch('deleteToken', tokenId, credentialId) as Promise<void>;
  }

  purgeTokens(now: number): Promise<boolean> {
    return this.#batch('purgeTokens', now) as Promise<boolean>;
  }

  /** Starts the worker too. */
  preload(): Promise<void> {
    return this.#batch('preload') as Promise<void>;
  }

  proveWritable(): Promise<void> {
    return this.#batch('proveWritable') as Promise<void>;
  }

  release(): void {
    if (this.#worker === null) return;
    const isDone = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    this.#worker.postMessage({ kind: 'release', isDone } satisfies Release);
    Atomics.wait(isDone, 0, 0, RELEASE_MS);
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#worker !== null) await this.#ask({ kind: 'close' });
    });
    await this.#worker?.terminate();
  }

  #batch(name: BatchName, ...args: readonly unknown[]): Promise<unknown> {
    return this.#inTurn(() => this.#ask({ kind: 'batch', name, args }));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lastTurn.then(work, work);
    this.#lastTurn = done;
    return done;
  }

  /**
   * Every method is a call to the worker. Methods that return a stream are not supported. The two transactions of a
   * server (ends that have come, a first use) are use cases, which the worker's module may not import: as messages of
   * their own they took 9 lines more in all, 0.09 ms in place of 0.15 to 0.2, about once a second.
   */
  #remoteTransaction(): StoreTransaction {
    return new Proxy({} as StoreTransaction, {
      get: (_, name) => {
        // `await` reads `then` to see whether a value is a promise; a transaction is not one.
        if (typeof name !== 'string' || name === 'then') return undefined;
        return (...args: readonly unknown[]) =>
          this.#ask({ kind: 'call', name: name as keyof StoreTransaction, args });
      },
    });
  }

  #ask(question: Question): Promise<unknown> {
    return this.#answerTo((id) => this.#thereNow().postMessage({ id, ...question }));
  }

  /** @param send sends the request under that id */
  #answerTo(send: (id: number) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve, reject });
      send(this.#lastId);
      this.#worker?.ref();
    });
  }

  #thereNow(): Worker {
    this.#worker ??= this.#start();
    return this.#worker;
  }

  #start(): Worker {
    const worker = new Worker(this.#thread, {
      workerData: { path: this.#path, library: libraryInUse() } satisfies WriterData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    worker.on('message', (answer: Answer | TokenAnswers) => {
      if ('outcomes' in answer) this.#takeTokenAnswers(answer);
      else if (answer.ok) this.#taken(answer.id)?.resolve(answer.value);
      else this.#taken(answer.id)?.reject(arrived(answer.fault));
    });
    const fail = (cause: unknown): void => {
      if (this.#worker === worker) this.#worker = null;
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      this.#gathered = [];
      this.#tokensWaiting = 0;
      const fault = new CredctlError('unexpected', 'the thread that writes has ended', { cause });
      for (const { reject } of waiting) reject(fault);
    };
    worker.on('error', fail);
    worker.on('exit', fail);
    return worker;
  }

  #takeTokenAnswers({ ids, outcomes }: TokenAnswers): void {
    this.#tokensWaiting -= ids.length;
    for (const [at, id] of ids.entries()) {
      const outcome = outcomes[at];
      if (typeof outcome === 'object') this.#taken(id)?.reject(arrived(outcome));
      else this.#taken(id)?.resolve(outcome === true);
    }
  }

  #taken(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    // Without pending requests, the worker must not keep the process alive.
    if (this.#waiting.size === 0) this.#worker?.unref();
    return waiting;
  }
}
