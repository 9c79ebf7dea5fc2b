import { existsSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import { CredctlError } from '../../../domain/errors.js';
import type { ScanReport, ScanScope } from '../../../domain/ports/scan-port.js';
import { quote } from '../../../domain/text/quote.js';
import { type Excluded, excludedBy, joinedPath } from '../paths.js';
import { namedPath, scannerOf, tellFound } from '../scanner.js';
import { Git, GitFailed } from './git.js';
import { scanHistory } from './history.js';
import { isPartial, type Repository, repositoryAt, submodulesOf, worktreeOf } from './repositories.js';
import { scanStaged } from './staged.js';

const GIT_DIRECTORY = Buffer.from('.git');

type Environment = Readonly<Record<string, string | undefined>>;

/** Scans whole histories: {@link ScanSources.history}. */
export async function scanHistories(
  env: Environment,
  paths: readonly string[],
  scope: ScanScope,
  report: ScanReport,
): Promise<void> {
  const directories = paths.map((path) => (namedPath(path).isDirectory() ? path : dirname(path)));
  const walk = new HistoryWalk(scope, report);
  for (const directory of directories) {
    try {
      const repository = await repositoryAt(gitOf(env).elsewhere(), directory);
      await walk.scan(repository, await topOf(repository, directory));
    } catch (fault) {
      report.unreadable(`the history of ${quote(directory)}`, reasonOf(fault, directory));
    }
  }
}

/** What the paths of a repository begin with as people read them; nothing in the present one, as git shows them. */
async function topOf({ git }: Repository, directory: string): Promise<string> {
  if (directory === '.') return '';
  return normalize(((await worktreeOf(git, directory)) ?? directory).toString()).replace(/\/$/, '');
}

/** Scans what is about to be committed: {@link ScanSources.staged}. */
export async function scanStage(
  env: Environment,
  directory: string,
  scope: ScanScope,
  report: ScanReport,
): Promise<void> {
  const isExcluded = excludedBy(scope.excluded);
  try {
    const { found, missing } = await scanStaged(
      gitOf(env),
      directory,
      (path) => isExcluded(path, false),
      scannerOf(scope),
      report.scanned,
    );
    for (const { path, found: located } of found) tellFound(report, path, located);
    for (const path of missing) report.unreadable(path, 'its object is missing');
  } catch (fault) {
    report.unreadable('what is staged', reasonOf(fault, directory));
  }
}

/** @throws CredctlError `not_found` where there is no git */
function gitOf(env: Environment): Git {
  const git = Git.find(env);
  if (git !== null) return git;
  throw new CredctlError('not_found', 'git was not found', { hint: 'install git, or scan the files alone' });
}

/**
 * Why git could not do it.
 *
 * @throws CredctlError `not_found` where there is no repository; any fault that is not git's
 */
function reasonOf(fault: unknown, directory: string): string {
  if (!(fault instanceof GitFailed)) throw fault;
  if (!fault.isNoRepository) return fault.message;
  throw new CredctlError('not_found', `${quote(directory)} is in no git repository`, {
    hint: 'name a directory in one, or scan the files alone',
  });
}

/** A walk through repositories and their submodules, each once. */
class HistoryWalk {
  readonly #scope: ScanScope;
  readonly #report: ScanReport;
  readonly #isExcluded: Excluded;
  /** Directories of objects, which worktrees share. */
  readonly #done = new Set<string>();

  constructor(scope: ScanScope, report: ScanReport) {
    this.#scope = scope;
    this.#report = report;
    this.#isExcluded = excludedBy(scope.excluded);
  }

  /**
   * @param shownIn what paths begin with as people read them
   * @throws GitFailed
   */
  async scan(repository: Repository, shownIn: string): Promise<void> {
    if (this.#done.has(repository.commonDirectory)) return;
    this.#done.add(repository.commonDirectory);
    const { found, scanned, unreadable, noted } = this.#report;
    const where = shownIn === '' ? '' : ` of ${quote(shownIn)}`;
    if (repository.isShallow) noted(`the history${where} is cut off: a shallow clone has no older commits`);
    if (await isPartial(repository)) {
      noted(`the history${where} is a partial clone: what git has not fetched is not scanned`);
    }
    const shown = (path: string) => joinedPath(shownIn, Buffer.from(path)).toString();
    await scanHistory(repository, shown, (path) => this.#isExcluded(path, false), scannerOf(this.#scope), {
      found,
      scanned,
      missing: (id) => unreadable(shown(`object ${id.slice(0, 12)}`), 'it is missing'),
      damaged: (id, why) => unreadable(shown(`object ${id.slice(0, 12)}`), why),
    });
    await this.#scanSubmodules(repository, shownIn);
  }

  async #scanSubmodules({ git, directory }: Repository, shownIn: string): Promise<void> {
    const top = await worktreeOf(git, directory);
    if (top === null) return;
    for (const relative of await submodulesOf(git, top)) {
      const shown = joinedPath(shownIn, relative).toString();
      const submodule = joinedPath(top, relative);
      if (!existsSync(joinedPath(submodule, GIT_DIRECTORY))) {
        this.#report.noted(`the submodule ${quote(shown)} is not checked out; its history is not here`);
        continue;
      }
      try {
        await this.scan(await repositoryAt(git.elsewhere(), submodule), shown);
      } catch (fault) {
        if (!(fault instanceof GitFailed)) throw fault;
        this.#report.unreadable(`the history of ${quote(shown)}`, fault.message);
      }
    }
  }
}
