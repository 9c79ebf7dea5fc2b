import { Option } from 'commander';
import { usageError } from '../../domain/errors.js';
import type { ChoiceParser, GlobalOptions } from '../flags/global.js';
import { oneOf } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { note } from '../session.js';
import { commaSeparated, tabSeparated } from './lines.js';
import type { Column } from './table.js';

/** Forms of a listing: aligned for people, tab-separated for programs, CSV (RFC 4180) for spreadsheets. */
const TABLE_FORMATS = ['table', 'tsv', 'csv'] as const;
/** One of {@link TABLE_FORMATS}. */
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** `--format` of a listing. */
export function tableFormatOption(): Option {
  const parse = oneOf('--format', TABLE_FORMATS);
  const parser: ChoiceParser<TableFormat> = Object.assign(
    (text: string) => {
      if (text === 'json') throw usageError('--format takes no json', "use '--json'");
      return parse(text);
    },
    { choices: TABLE_FORMATS },
  );
  return new Option(
    '--format <format>',
    'table (what a terminal gets), tsv (what a pipe gets), or csv for a spreadsheet',
  ).argParser(parser);
}

/**
 * The form of a listing: as asked for, else by where it goes.
 *
 * @throws CredctlError `usage` together with `--json`
 */
export function tableFormat(host: Host, globals: GlobalOptions, asked: TableFormat | undefined): TableFormat {
  if (asked !== undefined && globals.json) {
    throw usageError('--json and --format exclude each other', 'give one of them');
  }
  return asked ?? (host.out.isTerminal ? 'table' : 'tsv');
}

/** Columns that a table may take: those of the terminal, and any number where it goes elsewhere. */
export function tableWidth(host: Pick<Host, 'out'>): number {
  return host.out.isTerminal ? host.out.columns : Number.POSITIVE_INFINITY;
}

/** Rows with a header in a form for programs. */
export function delimited(
  format: Exclude<TableFormat, 'table'>,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return format === 'csv' ? commaSeparated(header, rows) : tabSeparated(header, rows);
}

/** Prints rows in the given form; by default as a table on a terminal (libraries loaded lazily), else tab-separated. */
export async function printRows(
  host: Host,
  globals: GlobalOptions,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  whenEmpty: string,
  format = tableFormat(host, globals, undefined),
): Promise<void> {
  if (format !== 'table') {
    const header = columns.map((column) => column.title.replaceAll(' ', '_'));
    host.out.write(delimited(format, header, rows));
    return;
  }
  if (rows.length === 0) return note(host, globals, whenEmpty);
  const [{ renderTable }, { styleFor }] = await Promise.all([import('./table.js'), import('./style.js')]);
  host.out.write(renderTable(columns, rows, tableWidth(host), styleFor(host, host.out, globals)));
}
