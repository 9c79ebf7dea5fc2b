import { Worker } from 'node:worker_threads';
import type { CountedWork, WorkWatch } from '../domain/ports/copy-port.js';
import { writeFully } from './streams.js';

const STDERR = 2;

/** Delay before progress is shown, and interval of updates, in milliseconds. */
const TIMES = { patience: 1_000, glance: 250 } as const;

const CLEAR = '\r\x1b[K';

/**
 * A progress line such as `copying [########----------------] 33 %`, or the elapsed time where the total is
 * unknown. Must not use anything outside its body: a worker thread evaluates its source.
 *
 * @param share from 0 to 1; null where it is not known
 */
export function progressLine(phase: string, share: number | null, seconds: number): string {
  if (share === null) return `${phase}: ${Math.floor(seconds)} s`;
  const done = Math.min(99, Math.max(0, Math.floor(100 * share)));
  const filled = Math.floor((done * 24) / 100);
  return `${phase} [${'#'.repeat(filled)}${'-'.repeat(24 - filled)}] ${done} %`;
}

/**
 * Source of a worker thread that shows the growth of a file: SQLite blocks the main thread during a copy or a
 * check.
 */
const WATCHER = `
  const { statSync, writeSync } = require('node:fs');
  const { workerData: { phase, path, expectedBytes, patience, glance } } = require('node:worker_threads');
  const progressLine = ${progressLine};
  const startedAt = performance.now();
  const bytes = () => { try { return statSync(path).size; } catch { return 0; } };
  const show = () => {
    const share = expectedBytes === 0 ? null : bytes() / expectedBytes;
    const line = progressLine(phase, share, (performance.now() - startedAt) / 1000);
    try { writeSync(2, '\\r' + line + '\\x1b[K'); } catch {}
  };
  setTimeout(() => { show(); setInterval(show, glance); }, patience);
`;

/** Progress on standard error, which must be a terminal, for work that takes long. */
export function terminalWatch(): WorkWatch {
  return { file: watchFile, count: countOnTerminal };
}

/** A no-op progress report. */
export function silentWatch(): WorkWatch {
  return { file: () => async () => {}, count: () => ({ advance() {}, end() {} }) };
}

/** @param expectedBytes approximate final size of the file; 0 when the size is no measure of the work */
function watchFile(phase: string, path: string, expectedBytes: number): () => Promise<void> {
  const startedAt = performance.now();
  const worker = new Worker(WATCHER, {
    eval: true,
    workerData: { phase, path, expectedBytes, ...TIMES },
  });
  worker.unref();
  return async () => {
    await worker.terminate();
    if (performance.now() - startedAt >= TIMES.patience) tell(CLEAR);
  };
}

function countOnTerminal(phase: string, total: number): CountedWork {
  const startedAt = performance.now();
  let [done, shownAt] = [0, 0];
  return {
    advance(count) {
      done += count;
      const now = performance.now();
      if (now - startedAt < TIMES.patience || now - shownAt < TIMES.glance) return;
      shownAt = now;
      const share = total === 0 ? null : done / total;
      tell(`\r${progressLine(phase, share, (now - startedAt) / 1_000)}\x1b[K`);
    },
    end() {
      if (shownAt > 0) tell(CLEAR);
    },
  };
}

/** Ignores errors, such as of a closed terminal: the work must go on. */
function tell(text: string): void {
  try {
    writeFully(STDERR, Buffer.from(text));
  } catch {}
}
