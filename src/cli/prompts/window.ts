import { stripVTControlCharacters } from 'node:util';
import { wrapped } from './wrapped.js';

/** Size of the terminal. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** What stands below a list, the most important lines first. */
export interface Remarks {
  /** What is wrong, or has to be known before Enter. */
  readonly facts: readonly string[];
  /** What keys do; left out where there is no room. */
  readonly hints: readonly string[];
}

/** How a list fits into a window. */
export interface Fitted {
  /** Rows for the list, at least one. */
  readonly pageSize: number;
  /** The rows below it. */
  readonly below: readonly string[];
}

/** A list of so many rows is shortened only when all hints are left out. */
const ENOUGH = 5;

/**
 * Fits a list below its question. More rows than the window has would scroll the question away: hints are left out
 * first, the last one before the others, then rows of the list, then facts.
 *
 * @param question its last row with what is typed
 * @param listed rows that the whole list takes
 */
export function fitted(
  question: string,
  listed: number,
  { facts, hints }: Remarks,
  { rows, columns }: WindowSize,
): Fitted {
  const free = Math.max(1, rows - rowsOf(question, columns));
  const width = Math.max(1, columns - 1);
  const known = facts.flatMap((fact) => wrapped(fact, width)).slice(0, free - 1);
  const room = free - known.length;
  const least = Math.min(listed, ENOUGH);
  let shown = hints.map((hint) => wrapped(hint, width));
  const taken = (): number => (known.length + shown.length > 0 ? 1 : 0) + shown.flat().length;
  while (shown.length > 0 && room - taken() < least) shown = shown.slice(0, -1);
  const hasGap = room - taken() >= least && taken() > 0;
  const pageSize = Math.max(1, room - (hasGap ? taken() : 0));
  return { pageSize, below: [...(hasGap ? [''] : []), ...known, ...shown.flat()] };
}

/** Rows of a question; the cursor takes one of its own after a full one. */
function rowsOf(question: string, columns: number): number {
  return question
    .split('\n')
    .map((line, at, lines) => {
      const { length } = [...stripVTControlCharacters(line)];
      return at === lines.length - 1
        ? Math.floor(length / columns) + 1
        : Math.max(1, Math.ceil(length / columns));
    })
    .reduce((sum, each) => sum + each, 0);
}
