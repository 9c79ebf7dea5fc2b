import { Worker } from 'node:worker_threads';
import type { CountedWork, WorkWatch } from '../domain/ports/copy-port.js';
import { writeFully } from './streams.js';

const STDERR = 2;

/** Time after which work counts as long, and between two looks at it, in milliseconds. */
const TIMES = { patience: 1_000, glance: 250 } as const;

const CLEAR = '\r\x1b[K';

/**
 * One line that tells how far work has come: `copying [########----------------] 33 %`, or how long it has taken where
 * nobody can know how much there is. It stands for itself, since a thread of its own gets it as text.
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
 * Shows how large a file has become. SQLite keeps the thread that copies or checks busy to the end, so that another
 * one has to look.
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

/** Tells on standard error, which must be a terminal, how far work has come once it takes long. */
export function terminalWatch(): WorkWatch {
  return { file: watchFile, count: countOnTerminal };
}

/** Where nobody watches. */
export function silentWatch(): WorkWatch {
  return { file: () => async () => {}, count: () => ({ advance() {}, end() {} }) };
}

/** @param expectedBytes the size that the file will have, roughly; 0 when that is not what the work is about */
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

/** The work goes on when the terminal has been closed. */
function tell(text: string): void {
  try {
    writeFully(STDERR, Buffer.from(text));
  } catch {}
}
