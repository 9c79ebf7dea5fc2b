import { Worker } from 'node:worker_threads';

/** Time after which a copy counts as long, and between two looks at it, in milliseconds. */
const TIMES = { patience: 1_000, glance: 250 } as const;

/**
 * Shows on standard error, which must be a terminal, how far a copy has come. SQLite keeps the thread that copies
 * busy to the end, so that another one has to look.
 */
const WATCHER = `
  const { statSync, writeSync } = require('node:fs');
  const { workerData: { phase, path, expectedBytes, patience, glance } } = require('node:worker_threads');
  const bytes = () => { try { return statSync(path).size; } catch { return 0; } };
  const show = () => {
    const share = expectedBytes === 0 ? 0 : Math.min(99, Math.floor((100 * bytes()) / expectedBytes));
    const text = expectedBytes === 0 ? '' : ' ' + share + ' %';
    try { writeSync(2, '\\r' + phase + text + '\\x1b[K'); } catch {}
  };
  setTimeout(() => { show(); setInterval(show, glance); }, patience);
`;

/**
 * Tells how far a copy has come once it takes long.
 *
 * @param expectedBytes the size that the file will have, roughly; 0 when that is not what the phase is about
 * @returns ends the telling, and removes it from the terminal
 */
export function watchCopy(phase: string, path: string, expectedBytes: number): () => Promise<void> {
  const startedAt = performance.now();
  const worker = new Worker(WATCHER, {
    eval: true,
    workerData: { phase, path, expectedBytes, ...TIMES },
  });
  worker.unref();
  return async () => {
    await worker.terminate();
    if (performance.now() - startedAt >= TIMES.patience) process.stderr.write('\r\x1b[K');
  };
}

/** Where nobody watches. */
export function watchNothing(): () => Promise<void> {
  return async () => {};
}
