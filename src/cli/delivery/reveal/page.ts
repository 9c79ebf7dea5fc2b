import { wrapped } from '../../prompts/wrapped.js';

/** Terminal size in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Content of the page with a secret. Printable ASCII only, so that one character is one column. */
export interface PageContent {
  readonly title: string;
  /** Non-confidential facts about the secret. */
  readonly facts: readonly string[];
  readonly label: string;
  readonly secret: string;
  /** Result of the last action, or the text being typed. */
  readonly status: string;
  /** Descriptions of the keys. */
  readonly keys: readonly string[];
}

/** A line of the page. A secret may exceed the width; the terminal then wraps it. */
export interface PageLine {
  readonly text: string;
  readonly isSecret: boolean;
  /** Number of rows. */
  readonly height: number;
}

/** Gap between keys on one line. */
const GAP = '   ';

/**
 * Lays the page out, dropping details to fit the terminal.
 *
 * @returns null when the secret and the keys do not fit
 */
export function pageLines(content: PageContent, size: Size): readonly PageLine[] | null {
  const plain = (text: string): readonly PageLine[] =>
    wrapped(text, size.columns).map((line) => ({ text: line, isSecret: false, height: 1 }));
  const blank = plain('');
  const secret: readonly PageLine[] = [
    { text: content.secret, isSecret: true, height: Math.ceil(content.secret.length / size.columns) },
  ];
  const status = plain(content.status);
  const keys = packed(content.keys, size.columns).flatMap(plain);
  const title = plain(content.title);
  const facts = content.facts.flatMap(plain);
  const label = plain(content.label);
  const pages: readonly (readonly (readonly PageLine[])[])[] = [
    [title, blank, facts, blank, label, secret, blank, status, blank, keys],
    [title, facts, label, secret, status, keys],
    [secret, status, keys],
  ];
  return pages.map((parts) => parts.flat()).find((lines) => heightOf(lines) <= size.rows) ?? null;
}

/** Total number of rows. */
export function heightOf(lines: readonly PageLine[]): number {
  return lines.reduce((sum, { height }) => sum + height, 0);
}

/** Packs keys into lines of limited width. */
function packed(keys: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const key of keys) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + GAP.length + key.length <= columns) {
      lines[lines.length - 1] = `${last}${GAP}${key}`;
    } else lines.push(key);
  }
  return lines;
}
