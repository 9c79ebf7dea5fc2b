import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { StoreTransaction } from '../../domain/store-port.js';
import { FileWriter } from './writer.js';
import { type Answer, carried, type LetGo, type Request, unpacked } from './writer-protocol.js';

/** The transaction that the other thread works in, and how it ends. */
interface OpenTransaction {
  readonly tx: StoreTransaction;
  readonly end: (isKept: boolean) => void;
  readonly ended: Promise<void>;
}

/** Ends a transaction that the other thread does not want to keep. */
class TakenBack extends Error {}

/** Serves one thread; requests are carried out in their order, which that thread sees to. */
function serve(port: MessagePort, writer: FileWriter): void {
  let open: OpenTransaction | null = null;

  async function perform(request: Request): Promise<unknown> {
    switch (request.kind) {
      case 'batch':
        return (writer[request.name] as (...args: readonly unknown[]) => Promise<unknown>)(...request.args);
      case 'tokens':
        return writer.insertTokens(unpacked(request.tokens));
      case 'begin':
        open = await begin(writer);
        return undefined;
      case 'call':
        return callOn(open, request.name, request.args);
      case 'commit':
      case 'rollback': {
        const { end, ended } = opened(open);
        open = null;
        end(request.kind === 'commit');
        return ended;
      }
      case 'close':
        return writer.close();
    }
  }

  port.on('message', (request: Request | LetGo) => {
    if (request.kind === 'let-go') {
      writer.letGo();
      Atomics.store(request.isDone, 0, 1);
      Atomics.notify(request.isDone, 0);
      return;
    }
    const answer = (rest: { ok: true; value: unknown } | { ok: false; fault: ReturnType<typeof carried> }) =>
      port.postMessage({ id: request.id, ...rest } satisfies Answer);
    perform(request).then(
      (value) => answer({ ok: true, value }),
      (fault: unknown) => answer({ ok: false, fault: carried(fault) }),
    );
  });
}

function begin(writer: FileWriter): Promise<OpenTransaction> {
  return new Promise((resolve, reject) => {
    const ended = writer.write(
      (tx) =>
        new Promise<void>((keep, takeBack) => {
          const end = (isKept: boolean): void => (isKept ? keep() : takeBack(new TakenBack()));
          // The promise of the whole is not there yet when this is called at once.
          queueMicrotask(() => resolve({ tx, end, ended: settled }));
        }),
    );
    const settled = ended.catch((fault: unknown) => {
      if (!(fault instanceof TakenBack)) throw fault;
    });
    settled.catch(reject);
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

if (parentPort !== null) serve(parentPort, new FileWriter((workerData as { path: string }).path, true));
