import { CredctlError } from '../../domain/errors.js';
import type { Finding } from '../../domain/ports/store-port.js';
import type { SqlConnection } from '../sql/connection.js';
import { SqlReader } from '../sql/reader.js';
import { error } from './finding.js';
import { type Listed, missingRows, unlistedRows } from './lists.js';

const PAGE = 500;

/** Reads everything as commands do, and reports what they cannot read. */
export async function checkContent(connection: SqlConnection): Promise<readonly Finding[]> {
  const reader = new SqlReader(connection);
  const singletons = await Promise.all([
    attempt('settings', () => reader.settings()),
    attempt('catalog', () => reader.catalog()),
    attempt('owners', () => reader.listOwners()),
    attempt('leaks', () => readLeaks(reader)),
    checkGeneration(connection),
  ]);
  return [...singletons.flat(), ...(await checkCredentials(connection, reader))];
}

async function readLeaks(reader: SqlReader): Promise<void> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const position = cursor === undefined ? {} : { cursor };
    ({ nextCursor: cursor } = await reader.listLeaks({ withClosed: true, limit: PAGE, ...position }));
  }
}

async function checkGeneration(connection: SqlConnection): Promise<readonly Finding[]> {
  const rows = await connection.all('select value from generation where id = 1', []);
  return rows.length === 1 ? [] : [finding('generation', 'the row that counts changes is missing')];
}

async function checkCredentials(connection: SqlConnection, reader: SqlReader): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  let after = '';
  for (;;) {
    const rows = await connection.all<CheckedRow>(
      `select id, key, name, scopes, labels from credential where id > ? order by id limit ${PAGE}`,
      [after],
    );
    for (const row of rows) found.push(...(await checkCredential(connection, reader, row)));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) break;
    after = last.id;
  }
  return [...found, ...(await unlistedRows(connection, found))];
}

interface CheckedRow extends Listed {
  readonly id: string;
}

async function checkCredential(
  connection: SqlConnection,
  reader: SqlReader,
  row: CheckedRow,
): Promise<readonly Finding[]> {
  const contradictions = await missingRows(connection, row);
  if (contradictions.length > 0) return contradictions;
  return attempt(`credential ${row.name}`, () => reader.findCredential(row.id));
}

async function attempt(what: string, read: () => Promise<unknown>): Promise<readonly Finding[]> {
  try {
    await read();
    return [];
  } catch (fault) {
    if (!(fault instanceof CredctlError) || fault.code !== 'integrity') throw fault;
    return [finding('content', `${what}: ${fault.message}`)];
  }
}

function finding(check: string, message: string): Finding {
  return error(check, message, 'keep a copy of the store as it is, and restore it from a backup');
}
