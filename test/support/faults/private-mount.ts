import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A small file system in memory that only commands started through it can see. It needs no clearing up: it ends with
 * the process that holds it, which ends with this one.
 */
export interface PrivateMount {
  /** The directory as commands inside see it. */
  readonly directory: string;
  /** The same directory as this process sees it; only for reading and writing plain files. */
  readonly view: string;
  /** A command line that runs `command` inside. */
  inside(command: readonly string[]): readonly string[];
  /** Runs a shell script inside, with the directory as `$1`. */
  sh(script: string): void;
  /** Takes whatever room there is left. */
  fill(): void;
  remove(): void;
}

/** Mounts a file system of the given size. It takes root, or a kernel that lets users have namespaces. */
export function privateMount(kilobytes: number): Promise<PrivateMount> {
  return mountPrivately(`mount -t tmpfs -o size=${kilobytes}k,mode=700 tmpfs "$1"`);
}

/**
 * Mounts what a shell script mounts.
 *
 * @param script mounts something at `$1`; on return it is there
 */
export async function mountPrivately(script: string): Promise<PrivateMount> {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-mount-'));
  const isRoot = process.geteuid?.() === 0;
  // A file system in a process of its own keeps the namespace alive until it is taken away.
  const mounting = `set -e; ${script}; echo ready; cat; umount -l "$1"`;
  const holder = spawn(
    'unshare',
    [...(isRoot ? [] : ['--map-root-user']), '--mount', 'sh', '-c', mounting, 'sh', directory],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  await untilReady(holder);
  const inside = (command: readonly string[]): readonly string[] => [
    'nsenter',
    `--target=${holder.pid}`,
    '--mount',
    ...(isRoot ? [] : ['--user', '--preserve-credentials']),
    ...command,
  ];
  const sh = (text: string): void => {
    const [file = '', ...argv] = inside(['sh', '-c', text, 'sh', directory]);
    execFileSync(file, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  return {
    directory,
    view: join(`/proc/${holder.pid}/root`, directory),
    inside,
    sh,
    fill: () => sh('cat /dev/zero > "$1/filler" 2> /dev/null || true'),
    remove() {
      holder.stdin?.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilReady(holder: ChildProcess): Promise<void> {
  const said = { out: '', err: '' };
  holder.stderr?.on('data', (text) => {
    said.err += text;
  });
  holder.stdout?.on('data', (text) => {
    said.out += text;
  });
  const ended = once(holder, 'close');
  while (!said.out.includes('ready')) {
    const [event] = await Promise.race([ended, once(holder.stdout ?? holder, 'data')]);
    if (holder.exitCode !== null) throw new Error(`cannot mount a file system here: ${said.err || event}`);
  }
}
