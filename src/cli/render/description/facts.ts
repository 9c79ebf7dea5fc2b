import { safeForTerminal } from '../../../domain/text/safe-text.js';
import { wrapWords } from './wrap.js';

/** A fact for people; none with null or an empty text. */
export interface Fact {
  readonly name: string;
  /** Each on a line of its own; wrapped between words. */
  readonly value: string | readonly string[] | null;
  /** Colours a line. */
  readonly paint?: (line: string) => string;
}

/** Spaces between a name and its value. */
const GAP = 2;

/** Fewer columns than this are not worth wrapping for. */
const LEAST_COLUMNS = 20;

/** Groups of facts with an empty line in between, all aligned, on a terminal of so many columns. */
export function describeFacts(groups: readonly (readonly Fact[])[], columns: number): string {
  const told = groups.map((group) => group.filter(({ value }) => value !== null && value.length > 0));
  const width = Math.max(0, ...told.flat().map(({ name }) => [...name].length + ':'.length)) + GAP;
  const room = Math.max(LEAST_COLUMNS, columns - width);
  return told
    .filter((group) => group.length > 0)
    .map((group) => group.map((fact) => factText(fact, width, room)).join(''))
    .join('\n');
}

function factText({ name, value, paint = (line) => line }: Fact, width: number, room: number): string {
  const lines = [value ?? ''].flat().flatMap((text) =>
    safeForTerminal(text, { newlines: 'keep' })
      .split('\n')
      .flatMap((line) => wrapWords(line, room)),
  );
  const [first = '', ...others] = lines;
  const indent = ' '.repeat(width);
  const rest = others.map((line) => `${indent}${paint(line)}`.trimEnd());
  return `${[`${`${name}:`.padEnd(width)}${paint(first)}`, ...rest].join('\n')}\n`;
}
