import { Option } from 'commander';
import { usageError } from '../../domain/errors.js';
import type { Page } from '../../domain/ports/store-port.js';
import type { ChoiceParser, GlobalOptions } from '../flags/global.js';
import { oneOf } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { note } from '../session.js';
import type { Cell, Column } from './cells/column.js';
import { commaSeparated, tabSeparated } from './lines.js';
import { type Print, paged } from './paged.js';

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
    'table (default on a terminal), tsv (default in a pipe), or csv for a spreadsheet',
  ).argParser(parser);
}

/**
 * The form of a listing: as asked for, else by where it goes.
 *
 * @throws CredctlError `usage` together with `--json`
 */
export function tableFormat(host: Host, globals: GlobalOptions, asked: TableFormat | undefined): TableFormat {
  if (asked !== undefined && globals.json) {
    throw usageError('--json and --format cannot be used together', 'use one of them');
  }
  return asked ?? (host.out.isTerminal ? 'table' : 'tsv');
}

/** Columns that a table may take: those of the terminal, and any number where it goes elsewhere. */
export function tableWidth(host: Pick<Host, 'out'>): number {
  return host.out.isTerminal ? host.out.columns : Number.POSITIVE_INFINITY;
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
  if (format !== 'table') return printDelimited(host, format, columns, rows);
  await paged(host, globals, async (print) => {
    const isEmpty = await printTable(host, globals, columns, [rows], print);
    if (isEmpty && whenEmpty !== '') note(host, globals, whenEmpty);
  });
}

/** Prints rows in a form for programs, under the titles of their columns. */
export function printDelimited(
  host: Pick<Host, 'out'>,
  format: Exclude<TableFormat, 'table'>,
  columns: readonly Pick<Column, 'title'>[],
  rows: readonly (readonly string[])[],
): void {
  const header = columns.map((column) => column.title.replaceAll(' ', '_'));
  host.out.write(format === 'csv' ? commaSeparated(header, rows) : tabSeparated(header, rows));
}

/**
 * Prints a table whose rows come in parts, until the reader ends.
 *
 * @returns whether there were no rows
 */
export async function printTable(
  host: Host,
  globals: GlobalOptions,
  columns: readonly Column[],
  parts: AsyncIterable<readonly (readonly Cell[])[]> | Iterable<readonly (readonly Cell[])[]>,
  print: Print,
): Promise<boolean> {
  const [{ tableInParts }, { styleFor }] = await Promise.all([import('./table.js'), import('./style.js')]);
  const table = tableInParts(columns, tableWidth(host), styleFor(host, host.out, globals));
  let isEmpty = true;
  for await (const rows of parts) {
    if (rows.length === 0) continue;
    isEmpty = false;
    if (!(await print(table(rows)))) break;
  }
  return isEmpty;
}

/** Items of a listing page after page, each read when it is asked for. */
export async function* itemsOfPages<T>(
  first: Page<T>,
  next: (cursor: string) => Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  for (let page = first; ; page = await next(page.nextCursor)) {
    yield page.items;
    if (page.nextCursor === null) return;
  }
}
