import { safeForTerminal } from '../../../domain/text/safe-text.js';
import { withoutMiddle } from '../../render/cells/without-middle.js';
import type { Match } from '../prompts.js';

/** A row of matches: the name, and the columns after it, with the spaces before them. */
export interface MatchLine {
  readonly name: string;
  readonly remarks: readonly string[];
}

/** A name is cut in its middle, to no less, and columns are left out before. */
const LEAST_NAME = 16;

const GAP = '  ';

/** The matches as aligned columns that fit a width; what does not fit is left out, the last column first. */
export function matchLines(matches: readonly Match<unknown>[], width: number): readonly MatchLine[] {
  const rows = matches.map(({ name, remarks }) => ({
    name: safeForTerminal(name),
    remarks: remarks.map((remark) => safeForTerminal(remark)),
  }));
  const longest = widest(rows.map(({ name }) => name));
  const columns = Math.max(0, ...rows.map(({ remarks }) => remarks.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    widest(rows.map(({ remarks }) => remarks[at] ?? '')),
  );
  let shown = columns;
  const room = (): number =>
    widths.slice(0, shown).reduce((left, each) => left - each - GAP.length, Math.max(1, width));
  while (shown > 0 && room() < Math.min(longest, LEAST_NAME)) shown -= 1;
  const nameWidth = Math.min(longest, Math.max(1, room()));
  return rows.map(({ name, remarks }) => ({
    name: padded(withoutMiddle(name, nameWidth), shown === 0 ? 0 : nameWidth),
    remarks: remarks
      .slice(0, shown)
      .map((remark, at) => `${GAP}${at === shown - 1 ? remark : padded(remark, widths[at] ?? 0)}`),
  }));
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => [...text].length));
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - [...text].length));
}
