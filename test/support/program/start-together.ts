import { readFileSync } from 'node:fs';
import { type Bundled, bundled } from '../build/bundled.js';
import { concurrently, times } from '../faults/concurrently.js';
import { type Ended, runIn } from './real-program.js';
import { until } from './until.js';
import type { Workplace } from './workplace.js';

/** A program whose runs wait for each other once they have looked at the store, before any of them writes. */
export interface Barrier {
  /** Runs the same command in so many processes. */
  run(place: Workplace, processes: number, argv: readonly string[]): Promise<readonly Ended[]>;
  remove(): void;
}

const CREATE = ['--type', 'api-key', '--scope', 'data:conversations'];

/** Bundles the program with a stop behind its first look, where a signal stops it. */
export async function barrier(): Promise<Barrier> {
  const program: Bundled = await bundled('faults/signalled-at-step.ts', [
    ...['SIGCONT', 'started', 'create', 'newcomer'],
    ...CREATE,
  ]);
  return {
    async run(place, processes, argv) {
      const started = new Set<number>();
      const command = [process.execPath, program.file, 'SIGSTOP', 'destination-ready', ...argv];
      const onStart = ({ pid }: { readonly pid?: number | undefined }): void => void started.add(pid ?? 0);
      const runs = concurrently(times(processes), () => runIn(place, command, { onStart }), processes);
      await until(() => started.size === processes && [...started].every(isStopped));
      for (const pid of started) process.kill(pid, 'SIGCONT');
      return runs;
    },
    remove: () => program.remove(),
  };
}

/** Whether a process was stopped by a signal: proc(5), state T. */
function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}
