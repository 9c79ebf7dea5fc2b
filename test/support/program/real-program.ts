import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isResidentFit, runResident } from './resident.js';
import type { Workplace } from './workplace.js';

/** The directory of the project. */
export const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** The program as users start it. */
export const PROGRAM = fileURLToPath(new URL('../../../bin/credctl.js', import.meta.url));

/** How a process ended and what it wrote. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** On top of the workplace's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where standard output goes instead of into `stdout`: an open descriptor. */
  readonly stdout?: number;
  /** Told of the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
  readonly cwd?: string;
}

/** Runs `credctl` to its end: in a resident program, unless the test is about its process. */
export async function credctl(
  place: Workplace,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const { input = '', env = {}, cwd = place.root, ...ofProcess } = options;
  if (Object.keys(ofProcess).length === 0 && isResidentFit(env)) {
    const outcome = await runResident({ argv, cwd, env: { ...place.env, ...env }, input });
    if (outcome !== null) return { signal: null, ...outcome };
  }
  return runIn(place, [process.execPath, PROGRAM, ...argv], options);
}

/** Runs `credctl` under a POSIX shell that prepares its streams: `redirection` is such as `>&-`. */
export function credctlRedirected(
  place: Workplace,
  argv: readonly string[],
  redirection: string,
  options: RunOptions = {},
): Promise<Ended> {
  const command = ['/bin/sh', '-c', `exec "$@" ${redirection}`, 'sh', process.execPath, PROGRAM];
  return runIn(place, [...command, ...argv], options);
}

/** Runs any command in the environment of a workplace, to its end. */
export async function runIn(
  place: Workplace,
  [command = '', ...argv]: readonly string[],
  { input, env, stdout, onStart, cwd }: RunOptions = {},
): Promise<Ended> {
  const child = spawn(command, argv, {
    cwd: cwd ?? place.root,
    env: { ...place.env, ...env },
    stdio: ['pipe', stdout ?? 'pipe', 'pipe'],
  });
  onStart?.(child);
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { exitCode, signal, ...written };
}

/** The JSON document that a command printed. */
export function documentOf<Shape>({ stdout }: Pick<Ended, 'stdout'>): Shape {
  return JSON.parse(stdout) as Shape;
}
