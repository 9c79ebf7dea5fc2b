import type { Schema } from '../schema/tables.js';

/** A value that both engines take as a parameter. */
export type SqlValue = string | number | null;

/** A prepared way to talk to one database; parameters are written `?` in the text. */
export interface SqlConnection {
  /** As the database names whoever is connected, within a transaction; absent where it knows no logins. */
  readonly login?: string | null;
  /** Whether the database reads what a question names in the order in which it names it, not as statistics advise. */
  readonly hasStaticPlanner?: boolean;
  /** Puts the newest credentials into the index of texts, where that is not the database's own business. */
  readonly indexTexts?: () => Promise<void>;
  /** Every row of the answer, as an object. */
  all<Row>(text: string, parameters: readonly SqlValue[]): Promise<readonly Row[]>;
  /** Every row of the answer, as the list of its values: half the cost where there are many of them. */
  tuples<Row extends readonly SqlValue[] = readonly SqlValue[]>(
    text: string,
    parameters: readonly SqlValue[],
  ): Promise<readonly Row[]>;
  /** Runs a statement that answers with no rows. */
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

/** Rows that are inserted by one statement. */
const ROWS_AT_ONCE = 100;

/** Inserts rows that have the same columns, many by one statement. */
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

/** Gives the row with that id the values in `changes`; nothing when there are none. */
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
