import { type ChildProcess, spawnSync } from 'node:child_process';
import { type Ended, PROGRAM, type RunOptions, runIn } from '../program/real-program.js';
import type { Workplace } from '../program/workplace.js';

/**
 * A command line that runs `command` as a container does: as process 1 of a PID namespace of its own. It ends with the
 * process that `unshare` is. It takes root, or a kernel that lets users have namespaces.
 *
 * @param host the name of the host inside; the machine's own without
 */
export function contained(command: readonly string[], host?: string): readonly string[] {
  const inside = ['--pid', '--fork', '--mount-proc', '--kill-child'];
  return ['unshare', ...asRoot(), ...inside, ...underName(command, host)];
}

/** A command line that runs `command` in this PID namespace, on a host with another name. */
export function renamed(command: readonly string[], host: string): readonly string[] {
  return ['unshare', ...asRoot(), ...underName(command, host)];
}

/** Runs `credctl` as a container does, to its end. */
export function containedCredctl(
  place: Workplace,
  argv: readonly string[],
  options: RunOptions & { readonly host?: string } = {},
): Promise<Ended> {
  return runIn(place, contained([process.execPath, PROGRAM, ...argv], options.host), options);
}

/** Starts a command and kills it as soon as it has got somewhere. */
export async function killedOnce(
  place: Workplace,
  command: readonly string[],
  hasGotThere: () => Promise<void>,
): Promise<void> {
  const started: ChildProcess[] = [];
  const end = runIn(place, command, { onStart: (child) => void started.push(child) });
  const tooSoon = end.then(({ exitCode, stderr }) => {
    throw new Error(`it ended with ${exitCode} before it could be killed: ${stderr}`);
  });
  await Promise.race([hasGotThere(), tooSoon]);
  tooSoon.catch(() => {});
  for (const child of started) child.kill('SIGKILL');
  await end;
}

/** Whether this machine lets the tests have namespaces; says so where it does not. */
export function hasNamespaces(): boolean {
  const [program = '', ...argv] = contained(['true'], 'elsewhere');
  const { status, stderr } = spawnSync(program, argv, { encoding: 'utf8' });
  if (status !== 0) process.stderr.write(`not run, for want of namespaces: ${stderr ?? 'no unshare'}\n`);
  return status === 0;
}

function asRoot(): readonly string[] {
  return process.geteuid?.() === 0 ? [] : ['--map-root-user'];
}

function underName(command: readonly string[], host: string | undefined): readonly string[] {
  if (host === undefined) return command;
  return ['--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', host, ...command];
}
