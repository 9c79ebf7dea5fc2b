import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, fstatSync, mkdtempSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { removeOwnDirectory } from '../../files/own-directory.js';

/** A pipe for a child program. */
export interface RealPipe {
  /** The read end. */
  readonly output: Readable;
  /** The write end: a descriptor, to be closed here once the child has inherited it. */
  readonly input: number;
}

/**
 * Creates named pipes. Node.js gives children sockets instead, which cannot be opened as /dev/stdout and report
 * another error than EPIPE when closed.
 *
 * @returns null where none can be created, such as without a temporary directory
 */
export function realPipes(count: number): readonly RealPipe[] | null {
  const names = Array.from({ length: count }, (_, index) => String(index));
  let directory: string | null = null;
  try {
    const made = mkdtempSync(join(tmpdir(), 'credctl-pipe-'));
    directory = made;
    const paths = names.map((name) => join(made, name));
    execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    return paths.map(openBothEnds);
  } catch {
    return null;
  } finally {
    if (directory !== null) removeOwnDirectory(directory, names);
  }
}

/**
 * Opens a pipe by name once, then through its descriptor: where another user can change the parent directory,
 * the name may be replaced (TOCTOU).
 */
function openBothEnds(path: string): RealPipe {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { uid, mode } = fstatSync(fd);
    const isOwn = uid === process.geteuid?.() && (mode & constants.S_IFMT) === constants.S_IFIFO;
    if (!isOwn) throw new TypeError('a pipe of another user');
    const same = `/proc/self/fd/${fd}`;
    const input = openSync(existsSync(same) ? same : path, constants.O_WRONLY);
    return { output: new Socket({ fd, readable: true, writable: false }), input };
  } catch (fault) {
    closeSync(fd);
    throw fault;
  }
}

/** Closes the write ends, so that reading ends when the program does. */
export function releaseInputs(pipes: readonly RealPipe[]): void {
  for (const { input } of pipes) closeSync(input);
}
