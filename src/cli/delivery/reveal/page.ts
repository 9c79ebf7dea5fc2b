import { wrapped } from '../../prompts/wrapped.js';

/** Size of a terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What the screen with a secret says. All of it is printable ASCII, so that a character is a column. */
export interface PageContent {
  readonly title: string;
  /** Facts about the secret that are no secret. */
  readonly facts: readonly string[];
  readonly label: string;
  readonly secret: string;
  /** What was done last, or is to be typed now. */
  readonly status: string;
  /** What each key does. */
  readonly keys: readonly string[];
}

/** One line of the page; a secret may be longer than a row, and the terminal then wraps it. */
export interface PageLine {
  readonly text: string;
  readonly isSecret: boolean;
  /** How many rows it takes. */
  readonly height: number;
}

/** Spaces between two keys on one line. */
const GAP = '   ';

/**
 * The lines of the page, with less around the secret the smaller the terminal is.
 *
 * @returns null when not even the secret and the keys fit
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

/** How many rows lines take. */
export function heightOf(lines: readonly PageLine[]): number {
  return lines.reduce((sum, { height }) => sum + height, 0);
}

/** Puts as many keys on a line as there is room for. */
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
