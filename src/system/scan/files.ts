import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ScanReport, ScanScope } from '../../domain/ports/scan-port.js';
import { quote } from '../../domain/text/quote.js';
import { errno } from '../../files/errno.js';
import { errnoText } from './errno-text.js';
import { FileScanner } from './file-content.js';
import { Git, GitFailed } from './git/git.js';
import { listedFiles } from './git/listed-files.js';
import { type Excluded, excludedBy, joinedPath } from './paths.js';
import { namedPath, scannerOf, tellFound } from './scanner.js';
import { filesBelow } from './walk.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Scans files, and those below directories: {@link ScanSources.files}. */
export async function scanFiles(
  env: Environment,
  paths: readonly string[],
  scope: ScanScope,
  report: ScanReport,
): Promise<void> {
  const named = paths.map((path) => ({ path, isDirectory: namedPath(path).isDirectory() }));
  const files = new FileScanner(scannerOf(scope));
  const isExcluded = excludedBy(scope.excluded);
  for (const { path, isDirectory } of named) {
    if (!isDirectory) scanFile(files, path, path, report, { followsLink: true });
    else await scanDirectory(files, path, () => filesOf(env, path, scope, isExcluded, report), report);
  }
}

/** The files below a directory, and whether git lists them. */
interface Listed {
  readonly files: Iterable<Buffer> | AsyncIterable<Buffer>;
  readonly byGit: boolean;
}

async function scanDirectory(
  files: FileScanner,
  root: string,
  list: () => Promise<Listed>,
  report: ScanReport,
): Promise<void> {
  const listed = await list();
  for await (const relative of listed.files) {
    const path = joinedPath(root, relative);
    // What git tracks may be gone from the worktree.
    scanFile(files, path, path.toString(), report, { mayBeGone: listed.byGit });
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
    return { files: await listedFiles(git, root, isExcluded, report), byGit: true };
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

/** How a file is opened. */
interface Opening {
  /** Follows a symbolic link, since it was named. */
  readonly followsLink?: boolean;
  readonly mayBeGone?: boolean;
}

function scanFile(
  files: FileScanner,
  path: string | Buffer,
  shown: string,
  report: ScanReport,
  { followsLink = false, mayBeGone = false }: Opening,
): void {
  try {
    const scan = files.scan(path, followsLink);
    if (scan.kind === 'other') report.passedOver(shown, scan.what);
    else {
      report.scanned(scan.bytes);
      tellFound(report, shown, scan.found);
    }
  } catch (fault) {
    const code = errno(fault);
    if (code === 'ELOOP' && !followsLink) report.passedOver(shown, 'a symbolic link');
    else if (code !== 'ENOENT' || !mayBeGone) report.unreadable(shown, errnoText(fault));
  }
}
