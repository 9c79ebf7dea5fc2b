import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ScanReport, ScanScope } from '../../domain/ports/scan-port.js';
import { quote } from '../../domain/text/quote.js';
import { FileQueue } from './file-queue.js';
import { Git, GitFailed } from './git/git.js';
import { listedFiles } from './git/listed-files.js';
import { type Excluded, excludedBy, joinedPath } from './paths.js';
import { namedPath } from './scanner.js';
import { filesBelow } from './walk.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Scans files, and those below directories: {@link ScanSources.files}.
 *
 * @param thread the module of a thread that scans, {@link file://./scan-thread.ts}
 */
export async function scanFiles(
  env: Environment,
  thread: URL,
  paths: readonly string[],
  scope: ScanScope,
  report: ScanReport,
): Promise<void> {
  const named = paths.map((path) => ({ path, isDirectory: namedPath(path).isDirectory() }));
  const queue = new FileQueue(thread, scope, report);
  const isExcluded = excludedBy(scope.excluded);
  try {
    for (const { path, isDirectory } of named) {
      if (!isDirectory) await queue.add({ path, followsLink: true });
      else await addDirectory(queue, path, await filesOf(env, path, scope, isExcluded, report));
    }
    await queue.end();
  } finally {
    await queue.close();
  }
}

/** The files below a directory, and whether git lists them. */
interface Listed {
  readonly files: Iterable<Buffer> | AsyncIterable<Buffer>;
  readonly byGit: boolean;
}

async function addDirectory(queue: FileQueue, root: string, { files, byGit }: Listed): Promise<void> {
  for await (const relative of files) {
    await queue.add({ path: joinedPath(root, relative), mayBeGone: byGit });
  }
}

/** As git lists them; all where there is no repository, and where git cannot or may not tell. */
async function filesOf(
  env: Environment,
  root: string,
  scope: ScanScope,
  isExcluded: Excluded,
  report: ScanReport,
): Promise<Listed> {
  const all = { files: filesBelow(root, isExcluded, report), byGit: false };
  if (scope.withIgnored) return all;
  const git = Git.find(env);
  if (git === null) {
    if (existsSync(join(root, '.git')))
      report.noted('git was not found; files that it ignores are scanned as well');
    return all;
  }
  try {
    return { files: await listedFiles(git.elsewhere(), root, isExcluded, report), byGit: true };
  } catch (fault) {
    if (!(fault instanceof GitFailed)) throw fault;
    if (!fault.isNoRepository) {
      report.noted(
        `git does not list the files of ${quote(root)} (${fault.message}); all of them are scanned`,
      );
    }
    return all;
  }
}
