import { createHash } from 'node:crypto';
import type { Row, TableDigest, TableReader, TableShape } from '../../domain/ports/copy-port.js';
import { firstRow, placeholders, type SqlConnection } from '../sql/connection.js';

/** Rows read at once for a digest. */
const BATCH = 2_000;

/**
 * Reads whole tables in batches, in the order of their keys (keyset pagination).
 *
 * @param conditions SQL conditions on the rows to read, by the name of the table
 */
export function tableReader(
  connection: SqlConnection,
  conditions: ReadonlyMap<string, string> = new Map(),
): TableReader {
  const reader: TableReader = {
    rows: (table, after, limit) => {
      const key = keyColumns(table);
      const where = [
        conditions.get(table.name) ?? 'true',
        ...(after === null ? [] : [`(${key}) > (${placeholders(after.length)})`]),
      ].join(' and ');
      return connection.tuples(
        `select ${table.columns.join(', ')} from ${table.name} where ${where} order by ${key} limit ${limit}`,
        after ?? [],
      );
    },
    async count({ name }) {
      const row = await firstRow<{ n: number }>(
        connection,
        `select count(*) as n from ${name} where ${conditions.get(name) ?? 'true'}`,
      );
      return row?.n ?? 0;
    },
    digest: (table, onRows) => digest(reader, table, onRows),
  };
  return reader;
}

/** The key columns of a table, separated by commas. */
export function keyColumns({ columns, key }: TableShape): string {
  return key.map((index) => columns[index]).join(', ');
}

/** The key of a row. */
export function keyOf({ key }: TableShape, row: Row): Row {
  return key.map((index) => row[index] ?? null);
}

/** SHA-256 over the rows as JSON, which is the same text for the same values on both engines. */
async function digest(
  reader: TableReader,
  table: TableShape,
  onRows: (count: number) => void,
): Promise<TableDigest> {
  const hash = createHash('sha256');
  let count = 0;
  for (let after: Row | null = null; ; ) {
    const rows: readonly Row[] = await reader.rows(table, after, BATCH);
    for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
    count += rows.length;
    onRows(rows.length);
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return { rows: count, sha256: hash.digest('hex') };
    after = keyOf(table, last);
  }
}
