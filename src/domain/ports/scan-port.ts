import type { Place } from '../scan/place.js';
import type { ParsedSecret } from '../secret/secret-format.js';

/** What a scan tells of what it goes through. */
export interface ScanReport {
  found(secret: ParsedSecret, place: Place): void;
  /** A part could not be read: the scan is incomplete. */
  unreadable(path: string, why: string): void;
  /** What is no text, such as a named pipe or a link. */
  passedOver(path: string, what: string): void;
  /** A fact about the scan as a whole, such as a history that is cut off. */
  noted(text: string): void;
  /** Called once for each file or object, with its size in bytes. */
  scanned(bytes: number): void;
}

/** What is searched for, and what is left out. */
export interface ScanScope {
  /** Prefixes of stores. */
  readonly prefixes: readonly string[];
  /** Patterns of paths that are left out, relative to what is scanned. */
  readonly excluded: readonly string[];
  /** Whether files that git ignores are scanned as well. */
  readonly withIgnored: boolean;
  /** How many threads scan files, at most; null for as many as there are processors, up to eight. */
  readonly jobs: number | null;
}

/** Texts that can be scanned. What cannot be read is reported, and the rest is scanned. */
export interface ScanSources {
  /** Replaces the secrets of these prefixes in a text by their handles, in whatever encoding. */
  mask(prefixes: readonly string[]): (text: string) => string;
  /**
   * Files, and those below directories: in a repository those that git tracks or would track, elsewhere all.
   *
   * @throws CredctlError `not_found` before anything is read, where a path is not there
   */
  files(paths: readonly string[], scope: ScanScope, report: ScanReport): Promise<void>;
  /**
   * Every object of the repositories that hold the paths, and of their submodules.
   *
   * @throws CredctlError `not_found` where a path is in no repository
   */
  history(paths: readonly string[], scope: ScanScope, report: ScanReport): Promise<void>;
  /**
   * What is about to be committed in the repository of a directory.
   *
   * @throws CredctlError `not_found` where it is in no repository
   */
  staged(directory: string, scope: ScanScope, report: ScanReport): Promise<void>;
  /** Standard input: a text, or the report of another scanner. */
  input(scope: ScanScope, report: ScanReport): Promise<void>;
}
