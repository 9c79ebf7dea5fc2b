import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { errno } from '../../../src/files/errno.js';
import { probing } from '../stores/store-probe.js';
import { credctl, type Ended } from './real-program.js';
import type { Workplace } from './workplace.js';

const FILLER = '.';

/** A run that blocks while it hands its secret over: its output is a full pipe. */
export interface HeldRun {
  readonly pid: number;
  /** What the system shows of the process to others: its command line, its environment, its open files. */
  visible(): string;
  /** Reads what the run writes, and waits for its end. */
  release(): Promise<Ended>;
}

/**
 * Starts a `create` or a `rotate` of `name` that prints its secret into a pipe that is full, and waits until its
 * transaction A is committed.
 */
export async function heldRun(
  place: Workplace,
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<HeldRun> {
  const fifo = join(place.root, 'tmp', 'held');
  execFileSync('mkfifo', ['-m', '600', fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  rmSync(fifo);
  fillPipe(writer);
  let pid = 0;
  let hasEnded = false;
  const ended = credctl(place, argv, {
    stdout: writer,
    env,
    onStart(child) {
      pid = child.pid ?? 0;
    },
  }).finally(() => {
    hasEnded = true;
  });
  closeSync(writer);
  await untilCommitted(place, name, () => hasEnded);
  return {
    pid,
    visible: () => ['cmdline', 'environ', 'comm', 'status'].map((file) => readProcess(pid, file)).join('\n'),
    async release() {
      const stdout = await drain(reader, () => hasEnded);
      closeSync(reader);
      return { ...(await ended), stdout };
    },
  };
}

function readProcess(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'latin1');
}

function fillPipe(writer: number): void {
  for (const length of [4_096, 1]) {
    try {
      for (;;) writeSync(writer, FILLER.repeat(length));
    } catch (fault) {
      if (errno(fault) !== 'EAGAIN') throw fault;
    }
  }
}

async function untilCommitted(place: Workplace, name: string, hasEnded: () => boolean): Promise<void> {
  for (;;) {
    const isUnderWay = await probing(place, async ({ store }) => {
      const credential = await store.findCredential(name);
      return credential?.versions.some(
        ({ deliveredAt, delivery }) => deliveredAt === null && delivery !== null,
      );
    });
    if (isUnderWay === true) return;
    if (hasEnded()) throw new Error('the run was not held');
    await setTimeout(10);
  }
}

async function drain(reader: number, hasEnded: () => boolean): Promise<string> {
  let text = '';
  const chunk = Buffer.alloc(65_536);
  for (;;) {
    const isOver = hasEnded();
    try {
      const length = readSync(reader, chunk);
      text += chunk.toString('utf8', 0, length);
      if (length > 0) continue;
    } catch (fault) {
      if (errno(fault) !== 'EAGAIN') throw fault;
    }
    if (isOver) return text.replace(new RegExp(`^\\${FILLER}+`), '');
    await setTimeout(5);
  }
}
