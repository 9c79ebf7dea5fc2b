import type { BlockScanner, Located } from '../../../domain/scan/block-scanner.js';
import { type Git, zeroSeparated } from './git.js';
import { scanObjects } from './objects.js';

/** Something in a file that is about to be committed. */
export interface StagedFound {
  /** Relative to the top of the worktree. */
  readonly path: string;
  readonly found: readonly Located[];
}

/**
 * Scans what is staged and differs from the present commit.
 *
 * @param isExcluded of paths relative to the top of the worktree
 * @throws GitFailed
 */
export async function scanStaged(
  git: Git,
  directory: string,
  isExcluded: (path: string) => boolean,
  scanner: () => BlockScanner,
  scanned: (bytes: number) => void,
): Promise<{ readonly found: readonly StagedFound[]; readonly missing: readonly string[] }> {
  const paths = await stagedPaths(git, directory, isExcluded);
  const found: StagedFound[] = [];
  const missing: string[] = [];
  if (paths.size === 0) return { found, missing };
  await scanObjects(git, directory, [...paths.keys()], scanner, {
    object: ({ id, found: located }) =>
      found.push(...(paths.get(id) ?? []).map((path) => ({ path, found: located }))),
    scanned,
    missing: (id) => missing.push(...(paths.get(id) ?? [])),
  });
  return { found, missing };
}

/** The paths of each staged object. */
async function stagedPaths(
  git: Git,
  directory: string,
  isExcluded: (path: string) => boolean,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const head = await git.output(directory, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).then(
    (output) => output.toString().trim(),
    // Before the first commit, all that is staged differs from the empty tree.
    async () => (await git.output(directory, ['hash-object', '-t', 'tree', '--stdin'])).toString().trim(),
  );
  const args = [
    'diff-index',
    '--cached',
    '--raw',
    '-z',
    '--no-abbrev',
    '--no-renames',
    '--no-relative',
    '--diff-filter=ACMT',
    head,
  ];
  const parts = zeroSeparated(await git.output(directory, args)).map(String);
  const paths = new Map<string, string[]>();
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = '', , id = ''] = (parts[at] ?? '').split(' ');
    const path = parts[at + 1] ?? '';
    // A submodule is a commit of another repository.
    if (mode === '160000' || isExcluded(path)) continue;
    paths.set(id, [...(paths.get(id) ?? []), path]);
  }
  return paths;
}
