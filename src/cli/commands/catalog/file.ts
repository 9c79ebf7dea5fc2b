import type { Document, LineCounter } from 'yaml';
import { type CredctlError, usageError } from '../../../domain/errors.js';
import type { Catalog } from '../../../domain/scope/catalog.js';
import { catalogFaults } from '../../../domain/scope/catalog-check.js';
import { quote } from '../../../domain/text/quote.js';
import { describeIssue, type ShapeIssue } from '../../../domain/text/shape-issue.js';
import { isUndecodable, undecodable } from '../../../domain/text/utf8.js';
import type { Host } from '../../host/host.js';
import { catalogShape } from './shape.js';
import { withStandIns } from './stand-in.js';

/** Maximum number of mistakes that an error names. */
const NAMED = 50;

const SEE = "'credctl catalog init -' prints an example with every entry explained";

/** A mistake in a document; the line counts from 1, and is null where it is not known. */
interface Mistake {
  readonly line: number | null;
  readonly fact: string;
  readonly hint: string | null;
}

/**
 * Reads a catalog document in YAML (a superset of JSON).
 *
 * @param file a path, or `-` for standard input
 * @throws CredctlError `not_found`; `usage` for anything that is no catalog, with every mistake and its line
 */
export function readCatalogFile(host: Host, file: string): Promise<Catalog> {
  return file === '-'
    ? parseCatalog(host.readInput(), 'standard input')
    : parseCatalog(host.readFile(file), quote(file));
}

async function parseCatalog(text: string, source: string): Promise<Catalog> {
  const undecodableLine = text.split('\n').findIndex(isUndecodable);
  if (undecodableLine !== -1) throw undecodable(`${source} (line ${undecodableLine + 1})`);
  const [yaml, shape] = await Promise.all([import('yaml'), catalogShape()]);
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { uniqueKeys: true, merge: false, lineCounter: lines });
  const unreadable = document.errors.map(({ code, pos: [at] }) => ({
    line: lines.linePos(at).line,
    fact: code === 'DUPLICATE_KEY' ? 'an entry is given twice' : 'not valid YAML',
    hint: null,
  }));
  // An entry that appears twice leaves the rest of the document readable.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) throw refusal(source, unreadable);
  const lineAt = lineFinder(yaml, document, lines);
  const plain = toPlain(document, source);
  const result = shape.safeParse(plain);
  const issues = result.error?.issues ?? [];
  const catalog = result.data ?? shape.safeParse(withStandIns(plain, issues)).data;
  const mistakes = [
    ...unreadable,
    ...issues.map((issue) => ({
      line: lineAt(issue.path, issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined),
      fact: describeIssue(issue as ShapeIssue, 'the document'),
      hint: null,
    })),
    ...(catalog === undefined ? [] : catalogFaults(catalog)).map(({ where, fact, hint }) => ({
      line: lineAt(pathOf(where)),
      fact,
      hint,
    })),
  ];
  if (result.success && mistakes.length === 0) return result.data;
  throw refusal(source, mistakes);
}

function refusal(source: string, found: readonly Mistake[]): CredctlError {
  const byLine = [...found].sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
  const mistakes = [...new Map(byLine.map((mistake) => [located(mistake), mistake])).values()];
  const [first] = mistakes;
  if (first !== undefined && mistakes.length === 1) {
    return usageError(`${source} is not a catalog: ${located(first)}`, first.hint ?? SEE);
  }
  const named = mistakes.slice(0, NAMED).map((mistake) => {
    const remedy = mistake.hint === null ? '' : ` (${mistake.hint})`;
    return located(mistake) + remedy;
  });
  const more = mistakes.length > NAMED ? [`and ${mistakes.length - NAMED} more`] : [];
  return usageError(`${source} is not a catalog: ${mistakes.length} mistakes`, SEE, [...named, ...more]);
}

function located({ line, fact }: Mistake): string {
  return line === null ? fact : `line ${line}: ${fact}`;
}

function toPlain(document: Document, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw usageError(`${source} has too many YAML aliases`, 'write it without YAML aliases');
  }
}

/** Finds the line of a path, or of the closest entry above it; with a key, that of the key. */
function lineFinder({ isMap, isNode }: typeof import('yaml'), document: Document, lines: LineCounter) {
  const nodeAt = (path: readonly PropertyKey[]): unknown =>
    path.length === 0 ? document.contents : document.getIn(path, true);
  const keyIn = (node: unknown, key: string | undefined): unknown =>
    isMap(node) ? node.items.find((pair) => String(pair.key) === key)?.key : undefined;
  return (path: readonly PropertyKey[], key?: string): number | null => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = nodeAt(path.slice(0, length));
      const found = (length === path.length ? keyIn(node, key) : undefined) ?? node;
      if (isNode(found) && found.range != null) return lines.linePos(found.range[0]).line;
    }
    return null;
  };
}

/** The path of a place such as `apis[1].permissions[0].id`. */
function pathOf(where: string): readonly (string | number)[] {
  return (where.match(/[^.[\]]+/g) ?? []).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
