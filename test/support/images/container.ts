import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { PROJECT } from '../program/real-program.js';
import type { Machine } from './machine.js';

/** How a container is started: what an engine takes from an image, and from its own flags. */
export interface ContainerPlan {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Of the user, and of the group. */
  readonly id: number;
  /** Directories in memory, the only ones that can be written; of the user alone if it is not /tmp. */
  readonly writable: readonly string[];
}

/** A running container. */
export interface Container {
  /** Everything on standard output so far, and on standard error. */
  output(): string;
  /** Runs a command beside process 1; its exit status, null before there is one, and output. */
  exec(command: readonly string[]): { readonly exitCode: number | null; readonly output: string };
  /** Ends it at once, if it runs. */
  kill(): void;
  /** Sends process 1 a signal. */
  signal(signal: NodeJS.Signals): void;
  /** The exit status of process 1. */
  readonly ended: Promise<number>;
}

/** Process 1 of namespaces of its own, on files that it cannot write to, without the project; its command line follows. */
const CONTAIN = `set -e
busybox ip link set lo up
for each in $WRITABLE; do mount -t tmpfs -o "mode=$([ "$each" = /tmp ] && echo 1777 || echo "0700,uid=$ID,gid=$ID")" tmpfs "$0$each"; done
mount -t proc proc "$0/proc"
mkdir -p "$0$HIDDEN"
mount -t tmpfs tmpfs "$0$HIDDEN"
mount -o remount,bind,ro "$0"
exec chroot "$0" "$@"`;

/** Runs a command as an engine does with `--read-only --cap-drop ALL --security-opt no-new-privileges`. */
export function startContainer(machine: Machine, plan: ContainerPlan): Container {
  const { command, env, cwd, id, writable } = plan;
  const asUser = [
    ...['setpriv', `--reuid=${id}`, `--regid=${id}`, '--clear-groups', '--no-new-privs', '--pdeathsig=KILL'],
    ...['--inh-caps=-all', '--bounding-set=-all', 'env', '-i', `--chdir=${cwd}`],
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ];
  const namespaces = ['--mount', '--net', '--ipc', '--uts', '--pid', '--fork', '--kill-child'];
  const contain = ['unshare', ...namespaces, 'sh', '-c', CONTAIN, machine.root, ...asUser, ...command];
  const [program = '', ...argv] = machine.inside(contain);
  const child = spawn(program, argv, {
    env: { PATH: process.env['PATH'], WRITABLE: writable.join(' '), ID: String(id), HIDDEN: PROJECT },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = once(child, 'close').then(([code]) => Number(code));
  return {
    ended,
    output: () => output,
    kill: () => void child.kill('SIGKILL'),
    signal(signal) {
      const target = processOne(child.pid);
      if (target === null) throw new Error(`there is no process 1: ${output}`);
      process.kill(target, signal);
    },
    exec(beside) {
      const target = processOne(child.pid);
      if (target === null) return { exitCode: null, output: '' };
      const namespaces = ['--mount', '--net', '--ipc', '--uts', '--pid', '--root'];
      const argv = [`--target=${target}`, ...namespaces, ...asUser, ...beside];
      const { status, stdout, stderr } = spawnSync('nsenter', argv, { encoding: 'utf8' });
      return { exitCode: status, output: `${stdout}${stderr}` };
    },
  };
}

/** The id that process 1 has outside: the one child of what made its namespaces. Null before it starts. */
function processOne(maker: number | undefined): number | null {
  const [child] = readFileSync(`/proc/${maker}/task/${maker}/children`, 'utf8').split(' ');
  return child ? Number(child) : null;
}
