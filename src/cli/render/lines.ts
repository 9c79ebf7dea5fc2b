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

/** Comma-separated rows with a header, for spreadsheets: RFC 4180, with CRLF after each row. */
export function commaSeparated(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

/** A field that holds no line break, which {@link safeForSheet} escapes. */
function field(text: string): string {
  const safe = safeForSheet(text);
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
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
