import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { StoreTransaction } from '../../../domain/ports/store-port.js';
import { useLibrary } from '../../sqlite/connection.js';
import { FileWriter } from './writer.js';
import {
  type Answer,
  type CarriedFault,
  carried,
  type Release,
  type Request,
  type TokenAnswers,
  type Tokens,
  unpacked,
  type WriterData,
} from './writer-protocol.js';

/** The transaction that the main thread has open, and how to end it: `ended` rejects after a rollback. */
interface OpenTransaction {
  readonly tx: StoreTransaction;
  readonly commit: () => void;
  readonly rollback: (reason: Error) => void;
  readonly ended: Promise<void>;
}

/** Serves the requests of one thread. The client queues its transactions, so at most one is open at a time. */
function serve(port: MessagePort, path: string): void {
  const writer = new FileWriter(path, true, takeArrived);
  const answers = new GatheredAnswers((outcomes) => port.postMessage(outcomes));
  let open: OpenTransaction | null = null;

  async function perform(request: Request): Promise<unknown> {
    switch (request.kind) {
      case 'batch':
        return (writer[request.name] as (...args: readonly unknown[]) => Promise<unknown>)(...request.args);
      case 'begin':
        open = await begin(writer);
        return undefined;
      case 'call':
        return callOn(open, request.name, request.args);
      case 'commit':
      case 'rollback': {
        const { commit, rollback, ended } = opened(open);
        open = null;
        if (request.kind === 'commit') commit();
        else rollback(new Error('rolled back'));
        return ended;
      }
      case 'close':
        return writer.close();
    }
  }

  function take(message: Request | Tokens | Release): void {
    if (message.kind === 'tokens') {
      for (const { number, token } of unpacked(message.tokens)) {
        writer.insertToken(token).then(
          (isKept) => answers.add(number, isKept),
          (fault: unknown) => answers.add(number, carried(fault)),
        );
      }
    } else if (message.kind === 'release') {
      writer.release();
      Atomics.store(message.isDone, 0, 1);
      Atomics.notify(message.isDone, 0);
    } else {
      const { id } = message;
      perform(message).then(
        (value) => port.postMessage({ id, ok: true, value } satisfies Answer),
        (fault: unknown) => port.postMessage({ id, ok: false, fault: carried(fault) } satisfies Answer),
      );
    }
  }

  /** Reads the port directly: the event loop gets no turn while groups of tokens are written one after the other. */
  function takeArrived(): void {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      take(next.message);
    }
  }

  port.on('message', take);
}

/** Gathers the answers of one group of tokens into one message. */
class GatheredAnswers {
  readonly #send: (answers: TokenAnswers) => void;
  #ids: number[] = [];
  #outcomes: (boolean | CarriedFault)[] = [];

  constructor(send: (answers: TokenAnswers) => void) {
    this.#send = send;
  }

  add(id: number, outcome: boolean | CarriedFault): void {
    this.#ids.push(id);
    this.#outcomes.push(outcome);
    if (this.#ids.length > 1) return;
    queueMicrotask(() => {
      this.#send({ ids: this.#ids, outcomes: this.#outcomes });
      this.#ids = [];
      this.#outcomes = [];
    });
  }
}

function begin(writer: FileWriter): Promise<OpenTransaction> {
  return new Promise((resolve, reject) => {
    const ended = writer.write(
      (tx) => new Promise<void>((commit, rollback) => resolve({ tx, commit, rollback, ended })),
    );
    ended.catch(reject);
  });
}

function callOn(
  open: OpenTransaction | null,
  name: keyof StoreTransaction,
  args: readonly unknown[],
): Promise<unknown> {
  const { tx } = opened(open);
  return (tx[name] as (...args: readonly unknown[]) => Promise<unknown>).apply(tx, [...args]);
}

function opened(open: OpenTransaction | null): OpenTransaction {
  if (open === null) throw new TypeError('there is no transaction');
  return open;
}

if (parentPort !== null) {
  const { path, library } = workerData as WriterData;
  useLibrary(library);
  serve(parentPort, path);
}
