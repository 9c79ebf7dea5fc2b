import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, PROGRAM, type RunOptions, runIn } from '../program/real-program.js';
import type { Workplace } from '../program/workplace.js';
import { times } from './concurrently.js';

/** Makes every call fail that gives a file a second name, as on FAT and some network file systems. */
export const NO_LINKS: readonly string[] = [
  '-e',
  'trace=/^link(at)?$',
  '-e',
  'inject=/^link(at)?$:error=EPERM',
];

/** The n-th call of a kind, counted from 1; the kind as strace matches names. */
export interface Call {
  readonly call: string;
  readonly n: number;
}

/** What becomes of a call: the process is killed at it, or the disk is faulty. */
export type CallFault = 'signal=SIGKILL' | 'error=EIO';

export interface TraceOptions extends RunOptions {
  /** Where the calls are noted, instead of in the workplace's own {@link callLog}. */
  readonly log?: string;
  /** Another build of the program. */
  readonly program?: string;
}

/** Where strace notes the calls of a run in a workplace, one a line. */
export function callLog({ root }: Workplace): string {
  return join(root, 'tmp', 'strace.log');
}

/** Runs credctl under strace, whose flags say which calls it notes and what becomes of them. */
export function traced(
  place: Workplace,
  argv: readonly string[],
  flags: readonly string[],
  { log = callLog(place), program = PROGRAM, ...options }: TraceOptions = {},
): Promise<Ended> {
  const trace = ['strace', '-f', ...stopsOf(flags), '-qq', '-o', log, ...flags];
  return runIn(place, [...trace, process.execPath, program, ...argv], options);
}

/** Of strace that stops a process at the calls that it traces alone, which is faster; it injects no signals then. */
function stopsOf(flags: readonly string[]): readonly string[] {
  return flags.some((flag) => flag.includes('signal=')) ? [] : ['--seccomp-bpf'];
}

/** Flags of strace that notes the calls of a kind, and makes a fault of one of them. */
export function injecting({ call, n }: Call, fault: CallFault): readonly string[] {
  return ['-e', `trace=${call}`, '-e', `inject=${call}:${fault}:when=${n}`];
}

/**
 * The calls of each kind that a command makes; of many, so many that are spread over the whole run.
 *
 * @param kinds as strace matches names; those of one kind are counted together, as it counts them when it injects faults
 * @param run runs the command once with flags of strace, and answers with the calls that it noted
 */
export async function callsIn(
  kinds: readonly string[],
  most: number,
  run: (flags: readonly string[]) => Promise<readonly string[]>,
): Promise<readonly Call[]> {
  // The first run keeps what V8 has compiled of it, with calls that no later one makes.
  const flags = ['-e', `trace=${kinds.join(',')}`];
  await run(flags);
  const names = (await run(flags)).map(nameIn);
  return kinds.flatMap((call) => {
    const ofKind = new RegExp(call.slice(1));
    const { length } = names.filter((name) => ofKind.test(name));
    const step = Math.max(1, length / most);
    return times(Math.min(length, most)).map((n) => ({ call, n: Math.floor(n * step) + 1 }));
  });
}

/** The name of the call in a line of strace, which begins with the process. */
function nameIn(line: string): string {
  return /^\d+ +(\w+)\(/.exec(line)?.[1] ?? '';
}

/** The calls that strace has noted: what was interrupted by another thread's call counts once. */
export function callsNoted(place: Workplace): readonly string[] {
  const lines = readFileSync(callLog(place), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.includes('resumed>') && !line.includes('--- SIG'));
}
