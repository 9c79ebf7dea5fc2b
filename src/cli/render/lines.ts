import { safeForSheet, safeForTerminal } from '../../domain/text/safe-text.js';

/** Stands for an empty cell: `read` and `awk` of a shell take adjacent tabs for one separator. */
const NOTHING = '-';

/** Tab-separated rows with a header, for other programs. */
export function tabSeparated(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join('\t')}\n`).join('');
}

function cell(text: string): string {
  return text === '' ? NOTHING : safeForSheet(text);
}

/** Aligned `name: value` lines. */
export function factLines(facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  return facts
    .map(([name, value]) => {
      const text = safeForTerminal(value, { newlines: 'keep' }).replaceAll('\n', `\n${' '.repeat(width)}`);
      return `${`${name}:`.padEnd(width)}${text}\n`;
    })
    .join('');
}
