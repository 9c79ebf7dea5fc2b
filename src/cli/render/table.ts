import type { ChalkInstance } from 'chalk';
import Table from 'cli-table3';
import { safeForTerminal } from '../../domain/text/safe-text.js';
import type { Cell, Column } from './cells/column.js';
import { withoutMiddle } from './cells/without-middle.js';

/** Spaces between two columns. */
const GAP = 2;

/** What the columns that are shown need and get. */
interface Layout {
  /** Indexes of the columns that are shown. */
  readonly kept: readonly number[];
  /** Their widths. */
  readonly widths: readonly number[];
}

/** Renders a table of at most `width` columns: cells are truncated, then columns dropped. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  style: ChalkInstance,
): string {
  return tableInParts(columns, width, style)(rows);
}

/**
 * Renders a table whose rows come in parts, as {@link renderTable}. Columns get wider with a part that needs it; where
 * that leaves no room for one of them, the header is repeated without it.
 */
export function tableInParts(
  columns: readonly Column[],
  width: number,
  style: ChalkInstance,
): (rows: readonly (readonly Cell[])[]) => string {
  let needed: readonly number[] = columns.map(({ title }) => title.length);
  let shown: readonly number[] = [];
  return (rows) => {
    const safe = rows.map((row) => row.map(safeCell));
    needed = needed.map((most, index) => Math.max(most, ...safe.map((row) => widthOf(row[index] ?? ''))));
    const layout = layoutFor(columns, needed, width);
    const hasHeader = layout.kept.join() !== shown.join();
    shown = layout.kept;
    return partOf(columns, layout, safe, hasHeader, style);
  };
}

function partOf(
  columns: readonly Column[],
  { kept, widths }: Layout,
  rows: readonly (readonly Cell[])[],
  hasHeader: boolean,
  style: ChalkInstance,
): string {
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colWidths: widths.map((columnWidth) => columnWidth + GAP),
    wordWrap: false,
  });
  if (hasHeader) table.push(kept.map((index) => style.bold(columns[index]?.title ?? '')));
  for (const row of rows) {
    table.push(
      kept.map((index, position) => {
        const text = fitted(row[index] ?? '', widths[position] ?? 0, columns[index]);
        return columns[index]?.paint?.(text, style) ?? text;
      }),
    );
  }
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

function safeCell(cell: Cell): Cell {
  const safe = (text: string): string => safeForTerminal(text, { newlines: 'escape' });
  return typeof cell === 'string'
    ? safe(cell)
    : { text: safe(cell.text), fit: (width) => safe(cell.fit(width)) };
}

function widthOf(cell: Cell): number {
  return [...(typeof cell === 'string' ? cell : cell.text)].length;
}

function fitted(cell: Cell, width: number, column: Column | undefined): string {
  if (typeof cell === 'string') return column?.isName === true ? withoutMiddle(cell, width) : cell;
  return widthOf(cell) <= width ? cell.text : cell.fit(width);
}

function layoutFor(columns: readonly Column[], needed: readonly number[], width: number): Layout {
  const least = columns.map((column, index) => Math.min(column.least, needed[index] ?? 0));
  const kept = fittingColumns(columns, least, width);
  return { kept, widths: columnWidths(kept, needed, least, width) };
}

function fittingColumns(
  columns: readonly Column[],
  least: readonly number[],
  width: number,
): readonly number[] {
  let kept = columns.map((_, index) => index);
  const sum = (): number => kept.reduce((total, index) => total + (least[index] ?? 0) + GAP, 0);
  while (kept.length > 1 && sum() > width) {
    const [worst] = [...kept].sort((a, b) => (columns[b]?.importance ?? 0) - (columns[a]?.importance ?? 0));
    kept = kept.filter((index) => index !== worst);
  }
  return kept;
}

function columnWidths(
  kept: readonly number[],
  needed: readonly number[],
  least: readonly number[],
  width: number,
): readonly number[] {
  const widths = kept.map((index) => needed[index] ?? 0);
  let excess = widths.reduce((sum, columnWidth) => sum + columnWidth + GAP, 0) - width;
  while (excess > 0) {
    const shrinkable = widths
      .map((columnWidth, position) => ({
        position,
        slack: columnWidth - (least[kept[position] ?? 0] ?? 1),
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
