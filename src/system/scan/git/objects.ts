import type { BlockScanner, Located } from '../../../domain/scan/block-scanner.js';
import { ended, type Git, GitFailed } from './git.js';

/** An object of a repository in which something was found. */
export interface ObjectFound {
  readonly id: string;
  readonly type: string;
  readonly found: readonly Located[];
}

/** What goes through the objects of a repository is told. */
export interface ObjectReport {
  object(found: ObjectFound): void;
  scanned(bytes: number): void;
  /** Objects that are listed, and are not there. */
  missing(id: string): void;
}

const LINE_FEED = 0x0a;

/** Of more damaged objects the rest is given up: each of them is a start of git. */
const MOST_DAMAGED = 100;

/**
 * Scans all objects of a repository, whether something refers to them or not. Trees are passed over, since they hold names
 * alone. git ends at an object that is damaged: it is told, and the others are scanned.
 *
 * @throws GitFailed where the objects cannot even be listed
 */
export async function scanAllObjects(
  git: Git,
  directory: string | Buffer,
  scanner: () => BlockScanner,
  report: ObjectReport & { damaged(id: string, why: string): void },
): Promise<void> {
  try {
    await run(git, directory, ['--batch-all-objects', '--unordered'], null, new BatchParser(scanner, report));
  } catch (fault) {
    if (!(fault instanceof GitFailed)) throw fault;
    await scanUndamaged(git, directory, scanner, report);
  }
}

/** One after the other from the beginning: the order of an unordered run cannot be gone on with. */
async function scanUndamaged(
  git: Git,
  directory: string | Buffer,
  scanner: () => BlockScanner,
  report: ObjectReport & { damaged(id: string, why: string): void },
): Promise<void> {
  const listing = ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'];
  let ids = (await git.output(directory, listing))
    .toString('latin1')
    .split('\n')
    .filter((id) => id !== '');
  for (let damaged = 1; ids.length > 0; damaged += 1) {
    const parser = new BatchParser(scanner, report);
    try {
      await run(git, directory, [], ids, parser);
      return;
    } catch (fault) {
      if (!(fault instanceof GitFailed) || damaged === MOST_DAMAGED) throw fault;
      report.damaged(ids[parser.finished] ?? '', fault.message);
      ids = ids.slice(parser.finished + 1);
    }
  }
}

/**
 * Scans the objects of a list.
 *
 * @throws GitFailed
 */
export async function scanObjects(
  git: Git,
  directory: string | Buffer,
  ids: readonly string[],
  scanner: () => BlockScanner,
  report: ObjectReport,
): Promise<void> {
  await run(git, directory, [], ids, new BatchParser(scanner, report));
}

async function run(
  git: Git,
  directory: string | Buffer,
  which: readonly string[],
  ids: readonly string[] | null,
  parser: BatchParser,
): Promise<void> {
  const input = ids === null ? null : `${ids.join('\n')}\n`;
  const child = git.start(directory, ['cat-file', ...which, '--batch'], input);
  const end = ended(child);
  try {
    for await (const chunk of child.stdout) parser.push(chunk);
  } finally {
    await end;
  }
}

/** Reads the output of `git cat-file --batch`: a line `ID TYPE SIZE`, so many bytes, and a line feed. */
class BatchParser {
  readonly #scanner: () => BlockScanner;
  readonly #report: ObjectReport;
  #header = Buffer.alloc(0);
  #object: OpenObject | null = null;
  #finished = 0;

  constructor(scanner: () => BlockScanner, report: ObjectReport) {
    this.#scanner = scanner;
    this.#report = report;
  }

  /** How many objects were read to their end, or are missing. */
  get finished(): number {
    return this.#finished;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#object === null) at = this.#readHeader(chunk, at);
      else at = this.#readContent(this.#object, chunk, at);
    }
  }

  #readHeader(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(LINE_FEED, from);
    const part = chunk.subarray(from, end === -1 ? chunk.length : end);
    if (end === -1) {
      this.#header = Buffer.concat([this.#header, part]);
      return chunk.length;
    }
    const header = this.#header.length === 0 ? part : Buffer.concat([this.#header, part]);
    this.#header = Buffer.alloc(0);
    this.#begin(header.toString('latin1'));
    return end + 1;
  }

  #begin(header: string): void {
    const [id = '', type = '', size] = header.split(' ');
    if (size === undefined) {
      this.#finished += 1;
      if (type === 'missing') this.#report.missing(id);
      return;
    }
    const scanner = type === 'tree' ? null : this.#scanner();
    // The line feed after the content is read with it.
    this.#object = { id, type, size: Number(size), left: Number(size) + 1, scanner, found: [] };
  }

  #readContent(object: OpenObject, chunk: Buffer, from: number): number {
    const length = Math.min(object.left, chunk.length - from);
    object.left -= length;
    const isLast = object.left === 0;
    if (object.scanner !== null) {
      // The last byte is the line feed.
      const content = chunk.subarray(from, from + length - (isLast ? 1 : 0));
      object.found.push(...object.scanner.push(content, isLast));
    }
    if (isLast) this.#finish(object);
    return from + length;
  }

  #finish({ id, type, size, scanner, found }: OpenObject): void {
    this.#object = null;
    this.#finished += 1;
    if (scanner !== null) this.#report.scanned(size);
    if (found.length > 0) this.#report.object({ id, type, found });
  }
}

interface OpenObject {
  readonly id: string;
  readonly type: string;
  readonly size: number;
  left: number;
  /** Null for what is passed over. */
  readonly scanner: BlockScanner | null;
  readonly found: Located[];
}
