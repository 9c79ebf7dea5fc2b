import type { ChalkInstance } from 'chalk';
import Table from 'cli-table3';
import { safeForTerminal } from '../../domain/text/safe-text.js';

/** A column of a table on a terminal. */
export interface Column {
  readonly title: string;
  /** Columns with the highest number are dropped first. */
  readonly importance: number;
  /** Minimum useful width. */
  readonly least: number;
  /** Colours a cell, which it leaves as wide as it was. */
  readonly paint?: (cell: string, style: ChalkInstance) => string;
}

/** Spaces between two columns. */
const GAP = 2;

/** Renders a table of at most `width` columns: cells are truncated, then columns dropped. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  style: ChalkInstance,
): string {
  const cells = rows.map((row) => row.map((cell) => safeForTerminal(cell, { newlines: 'escape' })));
  const kept = fittingColumns(columns, width);
  const widths = columnWidths(kept, columns, cells, width);
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colWidths: widths.map((columnWidth) => columnWidth + GAP),
    wordWrap: false,
  });
  table.push(kept.map((index) => style.bold(columns[index]?.title ?? '')));
  for (const row of cells) {
    table.push(kept.map((index) => columns[index]?.paint?.(row[index] ?? '', style) ?? row[index] ?? ''));
  }
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

function fittingColumns(columns: readonly Column[], width: number): readonly number[] {
  let kept = columns.map((_, index) => index);
  const least = (): number => kept.reduce((sum, index) => sum + (columns[index]?.least ?? 0) + GAP, 0);
  while (kept.length > 1 && least() > width) {
    const [worst] = [...kept].sort((a, b) => (columns[b]?.importance ?? 0) - (columns[a]?.importance ?? 0));
    kept = kept.filter((index) => index !== worst);
  }
  return kept;
}

function columnWidths(
  kept: readonly number[],
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  width: number,
): readonly number[] {
  const widths = kept.map((index) =>
    Math.max(columns[index]?.title.length ?? 0, ...cells.map((row) => [...(row[index] ?? '')].length)),
  );
  let excess = widths.reduce((sum, columnWidth) => sum + columnWidth + GAP, 0) - width;
  while (excess > 0) {
    const shrinkable = widths
      .map((columnWidth, position) => ({
        position,
        slack: columnWidth - (columns[kept[position] ?? 0]?.least ?? 1),
      }))
      .sort((a, b) => b.slack - a.slack)[0];
    if (shrinkable === undefined || shrinkable.slack <= 0) break;
    widths[shrinkable.position] = (widths[shrinkable.position] ?? 1) - 1;
    excess -= 1;
  }
  return widths;
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
