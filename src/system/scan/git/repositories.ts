import { joinedPath } from '../paths.js';
import { type Git, zeroSeparated } from './git.js';

/** A repository, or a worktree of one. */
export interface Repository {
  readonly git: Git;
  /** Where git is started: the worktree, or a bare repository itself. */
  readonly directory: string | Buffer;
  /** Its directory of objects and references, which worktrees share. */
  readonly commonDirectory: string;
  readonly isShallow: boolean;
}

/**
 * The repository that holds a directory.
 *
 * @throws GitFailed
 */
export async function repositoryAt(git: Git, directory: string | Buffer): Promise<Repository> {
  const asked = ['rev-parse', '--path-format=absolute', '--git-common-dir', '--is-shallow-repository'];
  const [common = '', shallow] = (await git.output(directory, asked))
    .toString()
    .trimEnd()
    .split(/\n(?=\w+$)/);
  return { git, directory, commonDirectory: common, isShallow: shallow === 'true' };
}

/**
 * The submodules of a repository, relative to the top of its worktree.
 *
 * @throws GitFailed
 */
export async function submodulesOf(git: Git, top: Buffer): Promise<readonly Buffer[]> {
  const entries = zeroSeparated(await git.output(top, ['ls-files', '-z', '--stage']));
  return entries
    .filter((entry) => entry.subarray(0, 6).toString() === '160000')
    .map((entry) => entry.subarray(entry.indexOf(0x09) + 1));
}

/**
 * The top of the worktree that holds a directory; null in a bare repository.
 *
 * @throws GitFailed
 */
export async function worktreeOf(git: Git, directory: string | Buffer): Promise<Buffer | null> {
  const asked = await git.output(directory, ['rev-parse', '--is-inside-work-tree']);
  if (asked.toString().trim() !== 'true') return null;
  const up = (await git.output(directory, ['rev-parse', '--show-cdup'])).toString().replace(/\n$/, '');
  return joinedPath(directory, Buffer.from(up));
}

/** Whether objects may be missing that git would fetch when they are asked for. */
export async function isPartial({ git, directory }: Repository): Promise<boolean> {
  const setting = ['config', '--get-regexp', '^remote\\..*\\.promisor$'];
  // git ends with 1 where there is none.
  return git.output(directory, setting).then(
    (output) => output.length > 0,
    () => false,
  );
}
