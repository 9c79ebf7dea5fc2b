import type { SqlValue } from './connection.js';

/** A list of selected columns, each named once, by the property that it becomes. */
export interface Selected<Row> {
  /** The SQL between `select` and `from`. */
  readonly sql: string;
  /** The number of columns. */
  readonly count: number;
  /** Reads the columns of one row, which start at index `at`. */
  read(values: readonly SqlValue[], at?: number): Row;
}

/** @param columns the SQL expression of each property */
export function selected<Row extends object>(
  columns: Readonly<Record<keyof Row & string, string>>,
): Selected<Row> {
  const names = Object.keys(columns);
  return {
    sql: Object.values<string>(columns).join(', '),
    count: names.length,
    read(values, at = 0) {
      const row: Record<string, SqlValue | undefined> = {};
      for (const [index, name] of names.entries()) row[name] = values[at + index];
      return row as Row;
    },
  };
}
