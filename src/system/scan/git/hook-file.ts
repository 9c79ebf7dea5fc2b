import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CredctlError, conflictError } from '../../../domain/errors.js';
import { quote } from '../../../domain/text/quote.js';
import { codeOf } from '../../../files/errno.js';
import { lookAt } from '../../../files/identity.js';
import { Git, GitFailed } from './git.js';
import { worktreeOf } from './repositories.js';

type Environment = Readonly<Record<string, string | undefined>>;

const NAME = 'pre-commit';

/** As git writes its own examples of hooks. */
const MODE = 0o755;

/** What a hook is read to compare it; a longer one is another. */
const LONGEST = 1 << 16;

/**
 * Writes a pre-commit hook into the directory of hooks of a repository, be it a worktree's, a submodule's, or one that
 * `core.hooksPath` names. Never replaces one.
 *
 * @param line what another hook would have to run, for the hint
 * @returns where, and whether it is new: the very same may be there already
 * @throws CredctlError `conflict` where there is another hook; `not_found` without git, a repository or a worktree;
 *   `store_unavailable` where it cannot be written
 */
export async function installHook(
  env: Environment,
  directory: string,
  text: string,
  line: string,
): Promise<{ readonly path: string; readonly isNew: boolean }> {
  const hooks = await hooksDirectory(env, directory);
  const path = join(hooks, NAME);
  try {
    mkdirSync(hooks, { recursive: true, mode: MODE });
    if (lookAt(path) === null && writeNew(path, text)) return { path, isNew: true };
    if (contentOf(path) === text) return { path, isNew: false };
  } catch (fault) {
    throw unwritable(path, fault);
  }
  throw conflictError(
    `there is another hook at ${quote(path)}`,
    `to run both, add this line to it: ${line} || exit 1`,
  );
}

async function hooksDirectory(env: Environment, directory: string): Promise<string> {
  const git = Git.find(env)?.knowingHooks();
  if (git === undefined) throw new CredctlError('not_found', 'git was not found', { hint: 'install git' });
  try {
    const top = await worktreeOf(git, directory);
    if (top === null)
      throw new CredctlError(
        'not_found',
        'this repository has no worktree, in which a commit could be made',
        {
          hint: 'run it in a clone that has one',
        },
      );
    // A relative core.hooksPath is relative to the top of the worktree, and rev-parse takes it as it stands.
    const asked = ['rev-parse', '--path-format=absolute', '--git-path', 'hooks'];
    return (await git.output(top, asked)).toString().replace(/\n$/, '');
  } catch (fault) {
    if (!(fault instanceof GitFailed)) throw fault;
    throw new CredctlError('not_found', `git knows of no repository here (${fault.message})`, {
      hint: 'change to a directory in a repository, or print the hook without --install',
      cause: fault,
    });
  }
}

/** It becomes executable once it is whole. @returns false where the name is taken */
function writeNew(path: string, text: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx', 0o600);
  } catch (fault) {
    if (codeOf(fault) === 'EEXIST') return false;
    throw fault;
  }
  try {
    writeFileSync(descriptor, text);
    fchmodSync(descriptor, MODE);
    fsyncSync(descriptor);
    return true;
  } catch (fault) {
    unlinkSync(path);
    throw fault;
  } finally {
    closeSync(descriptor);
  }
}

/** Null for what is no ordinary file, such as a link, and for what is too long to be ours. */
function contentOf(path: string): string | null {
  const status = lookAt(path);
  if (status?.isFile() !== true || status.size > LONGEST) return null;
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function unwritable(path: string, fault: unknown): unknown {
  const code = codeOf(fault);
  if (code === null) return fault;
  return new CredctlError('store_unavailable', `cannot write the hook ${quote(path)} (${code})`, {
    hint: "see 'git config core.hooksPath' and the permissions of that directory",
    cause: fault,
  });
}
