import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { BlockScanner, Located } from '../../../domain/scan/block-scanner.js';
import { errno } from '../../../files/errno.js';
import { errnoText } from '../errno-text.js';
import { FileScanner } from '../file-content.js';
import { Git, GitFailed } from '../git/git.js';
import { scanObjects } from '../git/objects.js';

type Environment = Readonly<Record<string, string | undefined>>;

const MISSING = 'there is no such file in the working directory';

/** What is in a place that a report names. */
export type PlaceScan =
  | { readonly kind: 'read'; readonly found: readonly Located[] }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads the files that a report names, each once. A report may come from anywhere: nothing outside the working directory
 * is opened, no link is followed that leads there, and what is no file is not waited for.
 */
export class ReportedFiles {
  readonly #root: string;
  readonly #files: FileScanner;
  readonly #scanner: () => BlockScanner;
  readonly #env: Environment;
  readonly #scanned: (bytes: number) => void;
  readonly #known = new Map<string, PlaceScan>();

  constructor(
    env: Environment,
    directory: string,
    scanner: () => BlockScanner,
    scanned: (bytes: number) => void,
  ) {
    this.#root = realpathSync(directory);
    this.#files = new FileScanner(scanner);
    this.#scanner = scanner;
    this.#env = env;
    this.#scanned = scanned;
  }

  /**
   * What is in a file: as a commit has it, where the repository here has that commit, else as it lies there now.
   *
   * @param commit in full; null for the file as it is
   */
  async scan(path: string, commit: string | null): Promise<PlaceScan> {
    const key = `${commit ?? ''}:${path}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const scan = (commit === null ? null : await this.#scanBlob(commit, path)) ?? this.#scanFile(path);
    this.#known.set(key, scan);
    return scan;
  }

  #scanFile(path: string): PlaceScan {
    try {
      const whole = resolve(this.#root, path);
      if (path.includes('\0') || !this.#isInside(whole)) return OUTSIDE;
      const real = realpathSync(whole);
      if (!this.#isInside(real)) return OUTSIDE;
      const scan = this.#files.scan({ path: real });
      if (scan.kind === 'unreadable') return scan;
      if (scan.kind === 'passed-over') return { kind: 'unreadable', why: `it is ${scan.what}` };
      if (scan.kind === 'gone') return { kind: 'unreadable', why: MISSING };
      this.#scanned(scan.bytes);
      return { kind: 'read', found: scan.found };
    } catch (fault) {
      const isMissing = errno(fault) === 'ENOENT' || errno(fault) === 'ENOTDIR';
      const why = isMissing ? MISSING : errnoText(fault);
      return { kind: 'unreadable', why };
    }
  }

  #isInside(path: string): boolean {
    const way = relative(this.#root, path);
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  }

  /** Null where the repository here has no such blob. */
  async #scanBlob(commit: string, path: string): Promise<PlaceScan | null> {
    const git = Git.find(this.#env);
    if (git === null || /[\n\0]/.test(path)) return null;
    const found: Located[] = [];
    let isThere = false;
    try {
      await scanObjects(git, this.#root, [`${commit}:${path}`], this.#scanner, {
        object: (object) => found.push(...object.found),
        scanned: (bytes) => {
          isThere = true;
          this.#scanned(bytes);
        },
        missing() {},
      });
    } catch (fault) {
      if (!(fault instanceof GitFailed)) throw fault;
      return null;
    }
    return isThere ? { kind: 'read', found } : null;
  }
}

const OUTSIDE: PlaceScan = { kind: 'unreadable', why: 'it is outside the working directory' };
