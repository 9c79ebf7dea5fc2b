import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../program/real-program.js';

/** A copy of this machine's files, in which root may change whatever it likes: nothing of it is kept. */
export interface Machine {
  /** Its root directory, as this process finds it. */
  readonly files: string;
  /** The same directory, as what runs {@link inside} finds it. */
  readonly root: string;
  /** Runs a POSIX shell's script in it as root, and must succeed; its standard output. */
  sh(
    script: string,
    options?: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string },
  ): Promise<string>;
  /** A command line that runs another one where the machine's files are mounted, below `root`. */
  inside(command: readonly string[]): readonly string[];
  stop(): Promise<void>;
}

/**
 * An overlay on the machine's own root, with what changes in memory. It lasts as long as a process in a mount namespace
 * of its own. The project, which may be mounted from elsewhere, is there to be read.
 */
const HOLD = `set -e
mount -t tmpfs -o mode=0755 tmpfs "$0"
mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" overlay "$0/root"
mount --rbind /dev "$0/root/dev"
mount -t proc proc "$0/root/proc"
mkdir -p "$0/root$1"
mount --bind "$1" "$0/root$1"
mount -o remount,bind,ro "$0/root$1"
echo ready
read _`;

function hold(directory: string): readonly string[] {
  return ['--mount', '--propagation', 'private', 'sh', '-c', HOLD, directory, PROJECT];
}

/** Whether this machine lets the tests mount such a copy; says so where it does not. */
export function hasMachines(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-machine-'));
  const { status, stderr } = spawnSync('unshare', hold(directory), { input: '\n', encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  if (status !== 0) process.stderr.write(`not run, for want of mounts: ${stderr ?? 'no unshare'}\n`);
  return status === 0;
}

/** Starts a copy. */
export async function startMachine(): Promise<Machine> {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-machine-'));
  const holder = spawn('unshare', hold(directory), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'exit');
  const ready = await Promise.race([once(holder.stdout, 'data'), ended]);
  if (String(ready[0]) !== 'ready\n') throw new Error(`the files of the machine cannot be mounted: ${ready}`);
  const root = join(directory, 'root');
  const inside = (command: readonly string[]): readonly string[] => [
    'nsenter',
    `--mount=/proc/${holder.pid}/ns/mnt`,
    ...command,
  ];
  return {
    files: `/proc/${holder.pid}/root${root}`,
    root,
    inside,
    async sh(script, { env = {}, cwd = '/' } = {}) {
      const [program = '', ...argv] = inside([
        'chroot',
        root,
        'sh',
        '-ec',
        'cd "$0"; eval "$1"',
        cwd,
        script,
      ]);
      const options = { env: { PATH: process.env['PATH'] ?? '', ...env }, maxBuffer: 10_000_000 };
      return (await promisify(execFile)(program, argv, options)).stdout;
    },
    async stop() {
      holder.stdin.end();
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
