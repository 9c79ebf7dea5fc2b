/** A value that both engines take as a parameter. */
export type SqlValue = string | number | null;

/** A prepared way to ask one database; parameters are written `?` in the text. */
export interface SqlConnection {
  all<Row>(text: string, parameters: readonly SqlValue[]): Promise<readonly Row[]>;
}

/** The first row, or null when there is none. */
export async function firstRow<Row>(
  connection: SqlConnection,
  text: string,
  parameters: readonly SqlValue[] = [],
): Promise<Row | null> {
  const [row] = await connection.all<Row>(text, parameters);
  return row ?? null;
}

/** `?, ?, ?` for a list of the given length. */
export function placeholders(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
