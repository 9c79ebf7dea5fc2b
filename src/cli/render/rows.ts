import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { note } from '../session.js';
import { tabSeparated } from './lines.js';
import type { Column } from './table.js';

/** Prints rows as a table on a terminal (libraries loaded lazily), tab-separated otherwise. */
export async function printRows(
  host: Host,
  globals: GlobalOptions,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  whenEmpty: string,
): Promise<void> {
  if (!host.out.isTerminal) {
    host.out.write(
      tabSeparated(
        columns.map((column) => column.title.replaceAll(' ', '_')),
        rows,
      ),
    );
    return;
  }
  if (rows.length === 0) return note(host, globals, whenEmpty);
  const [{ renderTable }, { styleFor }] = await Promise.all([import('./table.js'), import('./style.js')]);
  host.out.write(renderTable(columns, rows, host.out.columns, styleFor(host, host.out, globals)));
}
