import type { ChalkInstance } from 'chalk';

/** A column of a table on a terminal. */
export interface Column {
  readonly title: string;
  /** Columns with the highest number are dropped first. */
  readonly importance: number;
  /** Minimum useful width, where the cells are that wide; {@link NEVER_CUT} for one whose cells are never cut. */
  readonly least: number;
  /** Cells are names, which are cut in their middle and not at their end. */
  readonly isName?: true;
  /** Colours a cell, which it leaves as wide as it was. */
  readonly paint?: (cell: string, style: ChalkInstance) => string;
}

/** {@link Column.least} of a column that is shown in full or not at all. */
export const NEVER_CUT = Number.POSITIVE_INFINITY;

/** A cell; one that has shorter forms says by itself what fits a width. */
export type Cell = string | { readonly text: string; readonly fit: (width: number) => string };
