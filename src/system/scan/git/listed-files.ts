import { lstatSync } from 'node:fs';
import type { ScanReport } from '../../../domain/ports/scan-port.js';
import { type Excluded, joinedPath } from '../paths.js';
import { type Git, GitFailed, zeroSeparated } from './git.js';

const SLASH = 0x2f;

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
  report: Pick<ScanReport, 'unreadable'>,
): Promise<AsyncIterable<Buffer>> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  return filesIn(git, root, zeroSeparated(await git.output(root, args)), excluded, report);
}

async function* filesIn(
  git: Git,
  root: string | Buffer,
  paths: readonly Buffer[],
  excluded: Excluded,
  report: Pick<ScanReport, 'unreadable'>,
): AsyncGenerator<Buffer> {
  for (const path of paths) {
    const relative = path.at(-1) === SLASH ? path.subarray(0, -1) : path;
    const isNested = relative !== path || isDirectory(joinedPath(root, path));
    if (excluded(relative, isNested)) continue;
    if (!isNested) {
      yield relative;
      continue;
    }
    const below: Excluded = (inside, isFolder) => excluded(`${relative}/${inside}`, isFolder);
    try {
      const nested = await listedFiles(git.elsewhere(), joinedPath(root, relative), below, report);
      for await (const inside of nested) yield joinedPath(relative, inside);
    } catch (fault) {
      if (!(fault instanceof GitFailed)) throw fault;
      report.unreadable(joinedPath(root, relative).toString(), fault.message);
    }
  }
}

/** A submodule is listed as one path; one that was not initialised is an empty directory, or not there. */
function isDirectory(path: Buffer): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
