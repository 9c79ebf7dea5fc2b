import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { tableWidth } from './rows.js';
import { STATUS } from './status.js';
import { styleFor } from './style.js';
import { type Column, renderTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', importance: 0, least: 10 },
  { title: 'TYPE', importance: 4, least: 7 },
  STATUS,
  { title: 'SCOPES', importance: 2, least: 12 },
  { title: 'OWNER', importance: 3, least: 6 },
  { title: 'CREATED', importance: 7, least: 10 },
  { title: 'LAST USED', importance: 5, least: 10 },
  { title: 'EXPIRES', importance: 6, least: 10 },
];

/** Index of the column of statuses, which are never cut. */
const STATUS_INDEX = COLUMNS.indexOf(STATUS);

/** Index of the first column that holds a time. */
const FIRST_TIME = 5;

/** The table of `list` on a terminal: dates instead of times, fitted to its width. */
export function credentialTable(
  host: Host,
  globals: GlobalOptions,
  rows: readonly (readonly string[])[],
): string {
  const forPeople = rows.map((row) =>
    row.map((cell, index) =>
      index < FIRST_TIME ? cell : cell === '' ? 'never' : cell.slice(0, 'YYYY-MM-DD'.length),
    ),
  );
  const least = Math.max(STATUS.least, ...rows.map((row) => row[STATUS_INDEX]?.length ?? 0));
  const columns = COLUMNS.with(STATUS_INDEX, { ...STATUS, least });
  return renderTable(columns, forPeople, tableWidth(host), styleFor(host, host.out, globals));
}
