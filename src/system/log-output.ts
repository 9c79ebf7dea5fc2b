import { write } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as later } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { errno } from '../files/errno.js';

/** Buffer limit in characters; beyond it lines are dropped and counted. */
const MOST_WAITING = 1_048_576;

const RETRY_MS = 20;

/** A log sink. */
export interface LogOutput {
  write(line: string): void;
  /** Resolves when everything is written, or after `timeoutMs` milliseconds. */
  flush(timeoutMs: number): Promise<void>;
}

/** Writes lines to a descriptor without blocking: they are buffered for a slow reader. */
export function logOutput(descriptor: number): LogOutput {
  let waiting: string[] = [];
  let size = 0;
  let dropped = 0;
  let isWriting = false;
  let rest: Buffer | null = null;

  function next(): void {
    if (rest === null) {
      if (waiting.length === 0) return;
      rest = Buffer.from(waiting.join(''));
      waiting = [];
      size = 0;
    }
    isWriting = true;
    write(descriptor, rest, (fault, written) => {
      isWriting = false;
      if (fault === null) rest = rest !== null && written < rest.length ? rest.subarray(written) : null;
      else if (errno(fault) !== 'EAGAIN') rest = null;
      if (fault === null) next();
      else later(next, RETRY_MS).unref();
    });
  }

  return {
    write(line) {
      if (size + line.length > MOST_WAITING) {
        dropped += 1;
        return;
      }
      const note = dropped > 0 ? `{"level":40,"msg":"log lines were dropped","count":${dropped}}\n` : '';
      dropped = 0;
      waiting.push(note + line);
      size += line.length;
      if (!isWriting) next();
    },
    async flush(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      while ((isWriting || size > 0 || rest !== null) && performance.now() < deadline) {
        await setTimeout(RETRY_MS / 4);
      }
    },
  };
}
