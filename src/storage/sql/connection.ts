import type { Schema } from '../schema/tables.js';

/** A value that both engines take as a parameter. */
export type SqlValue = string | number | null;

/** A connection to one database; parameters are written `?` in the text. */
export interface SqlConnection {
  /** The database login, within a transaction; absent where the engine has no logins. */
  readonly login?: string | null;
  /** SQLite: the join order follows the SQL text, not statistics. */
  readonly hasStaticPlanner?: boolean;
  /** Told the number of each new credential, on engines whose trigram index does not follow by itself. */
  readonly indexTexts?: (newest: number) => Promise<void>;
  /** Every row of the result, as an object. */
  all<Row>(text: string, parameters: readonly SqlValue[]): Promise<readonly Row[]>;
  /** Every row of the result, as a list of values: half the cost for many rows. */
  tuples<Row extends readonly SqlValue[] = readonly SqlValue[]>(
    text: string,
    parameters: readonly SqlValue[],
  ): Promise<readonly Row[]>;
  /** Runs a statement that returns no rows. */
  run(text: string, parameters: readonly SqlValue[]): Promise<void>;
}

/** The first row, or null when there is none. */
export async function firstRow<Row>(
  connection: Pick<SqlConnection, 'all'>,
  text: string,
  parameters: readonly SqlValue[] = [],
): Promise<Row | null> {
  const [row] = await connection.all<Row>(text, parameters);
  return row ?? null;
}

/** `?, ?, ?` for a list of the given length. */
export function placeholders(count: number): string {
  return '?, '.repeat(count).slice(0, -2);
}

/** Inserts one row, whose columns are the properties of `row`. */
export function insertRow<T extends keyof Schema>(
  connection: SqlConnection,
  table: T,
  row: Schema[T],
): Promise<void> {
  const columns = Object.keys(row);
  return connection.run(
    `insert into ${table} (${columns.join(', ')}) values (${placeholders(columns.length)})`,
    Object.values(row),
  );
}

/** Rows per INSERT statement. */
const ROWS_AT_ONCE = 100;

/** Inserts rows with the same columns, in batches of one statement each. */
export async function insertRows<T extends keyof Schema>(
  connection: SqlConnection,
  table: T,
  rows: readonly Schema[T][],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const group = rows.slice(start, start + ROWS_AT_ONCE);
    const [first] = group;
    if (first === undefined) return;
    const columns = Object.keys(first);
    const row = `(${placeholders(columns.length)})`;
    await connection.run(
      `insert into ${table} (${columns.join(', ')}) values ${group.map(() => row).join(', ')}`,
      group.flatMap((values): readonly SqlValue[] => Object.values(values)),
    );
  }
}

/** Updates the columns in `changes` of the row with that id; does nothing when there are none. */
export async function updateRow<T extends 'credential' | 'owner'>(
  connection: SqlConnection,
  table: T,
  id: string,
  changes: Partial<Schema[T]>,
): Promise<void> {
  const columns = Object.keys(changes);
  if (columns.length === 0) return;
  const values: readonly SqlValue[] = Object.values(changes);
  await connection.run(
    `update ${table} set ${columns.map((name) => `${name} = ?`).join(', ')} where id = ?`,
    [...values, id],
  );
}
