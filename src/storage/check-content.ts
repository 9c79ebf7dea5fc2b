import { CredctlError } from '../domain/errors.js';
import type { Finding } from '../domain/store-port.js';
import type { SqlConnection } from './connection.js';
import { SqlReader } from './reader.js';
import { parseLabels, parseTexts } from './rows.js';

const PAGE = 500;

/** Reads everything the way commands do, and reports what they would stumble over. */
export async function checkContent(connection: SqlConnection): Promise<readonly Finding[]> {
  const reader = new SqlReader(connection);
  const singletons = await Promise.all([
    attempt('settings', () => reader.settings()),
    attempt('catalog', () => reader.catalog()),
    attempt('owners', () => reader.listOwners()),
    checkGeneration(connection),
  ]);
  return [...singletons.flat(), ...(await checkCredentials(connection, reader))];
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
      `select id, name, scopes, labels from credential where id > ? order by id limit ${PAGE}`,
      [after],
    );
    for (const row of rows) found.push(...(await checkCredential(connection, reader, row)));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return found;
    after = last.id;
  }
}

interface CheckedRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly labels: string;
}

/** Scopes and labels are kept twice, once to be shown and once to be searched for. */
async function checkCredential(
  connection: SqlConnection,
  reader: SqlReader,
  row: CheckedRow,
): Promise<readonly Finding[]> {
  const scopes = await connection.all<{ scope: string }>(
    'select scope from credential_scope where credential_id = ?',
    [row.id],
  );
  const labels = await connection.all<{ key: string; value: string }>(
    'select key, value from credential_label where credential_id = ?',
    [row.id],
  );
  const shownScopes = attemptTo(() => parseTexts(row.scopes, 'list of scopes'));
  const shownLabels = attemptTo(() => [...parseLabels(row.labels)].map(([key, value]) => `${key}=${value}`));
  const isSame = (shown: readonly string[] | null, found: readonly string[]): boolean =>
    shown !== null && [...shown].sort().join('\n') === [...found].sort().join('\n');
  const contradictions = [
    ...(isSame(
      shownScopes,
      scopes.map(({ scope }) => scope),
    )
      ? []
      : [finding('scopes', `the scopes of ${row.name} contradict each other`)]),
    ...(isSame(
      shownLabels,
      labels.map(({ key, value }) => `${key}=${value}`),
    )
      ? []
      : [finding('labels', `the labels of ${row.name} contradict each other`)]),
  ];
  if (contradictions.length > 0) return contradictions;
  return attempt(`credential ${row.name}`, () => reader.findCredential(row.id));
}

function attemptTo<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
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
  return {
    check,
    severity: 'error',
    message,
    fix: 'keep a copy of the file and restore the store from a backup',
  };
}
