import { existsSync, lstatSync } from 'node:fs';
import type { ScanReport } from '../../../domain/ports/scan-port.js';
import { type Excluded, joinedPath } from '../paths.js';
import { filesBelow } from '../walk.js';
import { type Git, GitFailed, zeroSeparated } from './git.js';

const SLASH = 0x2f;
const GIT_DIRECTORY = Buffer.from('.git');

/**
 * The files below a directory of a repository that git tracks or would track, relative to it; those of submodules and of
 * repositories inside as well.
 *
 * @throws GitFailed where git cannot list those of the repository itself
 */
export async function listedFiles(
  git: Git,
  root: string | Buffer,
  excluded: Excluded,
  report: Pick<ScanReport, 'unreadable' | 'passedOver'>,
): Promise<AsyncIterable<Buffer>> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  return filesIn(git, root, zeroSeparated(await git.output(root, args)), excluded, report);
}

async function* filesIn(
  git: Git,
  root: string | Buffer,
  paths: readonly Buffer[],
  excluded: Excluded,
  report: Pick<ScanReport, 'unreadable' | 'passedOver'>,
): AsyncGenerator<Buffer> {
  const isBehindLink = linkedDirectories(root);
  for (const path of paths) {
    const relative = path.at(-1) === SLASH ? path.subarray(0, -1) : path;
    const whole = joinedPath(root, relative);
    if (isBehindLink(relative)) {
      report.passedOver(whole.toString(), 'a path behind a link');
      continue;
    }
    const isNested = relative !== path || isDirectory(whole);
    if (excluded(relative, isNested)) continue;
    if (!isNested) {
      yield relative;
      continue;
    }
    const below: Excluded = (inside, isFolder) => excluded(`${relative}/${inside}`, isFolder);
    for await (const inside of nestedFiles(git, whole, below, report)) yield joinedPath(relative, inside);
  }
}

/** git answers for the outer repository in a submodule that is not checked out: what lies there is no part of either. */
async function* nestedFiles(
  git: Git,
  directory: Buffer,
  excluded: Excluded,
  report: Pick<ScanReport, 'unreadable' | 'passedOver'>,
): AsyncGenerator<Buffer> {
  if (!existsSync(joinedPath(directory, GIT_DIRECTORY))) {
    yield* filesBelow(directory, excluded, report);
    return;
  }
  try {
    yield* await listedFiles(git.elsewhere(), directory, excluded, report);
  } catch (fault) {
    if (!(fault instanceof GitFailed)) throw fault;
    report.unreadable(directory.toString(), fault.message);
  }
}

/** A submodule is listed as one path. What cannot be looked at is found to be unreadable as a file. */
function isDirectory(path: Buffer): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Whether a directory above a path is a symbolic link by now: git tracks what was there before. */
function linkedDirectories(root: string | Buffer): (relative: Buffer) => boolean {
  const known = new Map<string, boolean>();
  const isLinked = (relative: Buffer): boolean => {
    const end = relative.lastIndexOf(SLASH);
    if (end === -1) return false;
    const directory = relative.subarray(0, end);
    const key = directory.toString('latin1');
    const answer = known.get(key) ?? (isLinked(directory) || isLink(joinedPath(root, directory)));
    known.set(key, answer);
    return answer;
  };
  return isLinked;
}

function isLink(path: Buffer): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
