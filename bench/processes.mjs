// @ts-check
/** Whole processes, timed from their start to their end. */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { env, execPath } from 'node:process';
import { Unmeasurable } from './measuring.mjs';

/**
 * What a program sees of the environment: nothing that changes how Node starts or where credctl looks.
 *
 * @param {string} home
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanEnvironment(home) {
  return { PATH: env['PATH'], HOME: home, LC_ALL: 'C.UTF-8' };
}

/**
 * Runs a program to its end.
 *
 * @param {string} file
 * @param {readonly string[]} argv
 * @param {{ readonly home: string, readonly output: 'ignore' | 'pipe' }} options `create` wants its secret to be read
 * @returns {number} the time that it took, in milliseconds
 */
export function timeProcess(file, argv, { home, output }) {
  const begin = performance.now();
  const { status, error, stderr } = spawnSync(file, argv, {
    cwd: home,
    env: cleanEnvironment(home),
    stdio: ['ignore', output, output],
  });
  const taken = performance.now() - begin;
  if (status === 0) return taken;
  const reason = error?.message ?? (stderr?.toString() || `exit ${status}`);
  throw new Unmeasurable(`${[file, ...argv].join(' ')}: ${reason}`, { cause: error });
}

/**
 * Runs a script with this Node and hands on what it says on standard error.
 *
 * @param {readonly string[]} argv
 * @returns {string} its standard output
 */
export function outputOf(argv) {
  const { status, error, stdout } = spawnSync(execPath, argv, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) return stdout.trim();
  throw new Unmeasurable(`${argv.join(' ')}: ${error?.message ?? `exit ${status}`}`, { cause: error });
}

/**
 * Whether a program is installed.
 *
 * @param {string} file
 */
export function isInstalled(file) {
  const { error } = spawnSync(file, ['--help'], { stdio: 'ignore' });
  return error === undefined;
}
