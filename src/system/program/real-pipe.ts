import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, fstatSync, mkdtempSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { removeOwnDirectory } from '../../files/own-directory.js';

/** A pipe to a program that has still to be started. */
export interface RealPipe {
  /** What the program writes. */
  readonly output: Readable;
  /** The program's end: a descriptor, to be closed here once the program has it. */
  readonly input: number;
}

/**
 * Makes pipes. What Node gives a child instead are sockets, which a program cannot open as /dev/stdout, and which end
 * with another fault when nobody reads them any more.
 *
 * @returns null where none can be made, such as without a directory for temporary files
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

/** A pipe is opened by its name once: where another user can change the directory above, the name can lead to theirs. */
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

/** Lets go of the program's ends, so that the output ends with the program. */
export function releaseInputs(pipes: readonly RealPipe[]): void {
  for (const { input } of pipes) closeSync(input);
}
