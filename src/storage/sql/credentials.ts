import { CredctlError } from '../../domain/errors.js';
import type { CredentialPatch, NewCredential } from '../../domain/ports/store-port.js';
import { credentialColumns, newCredentialColumns } from './columns.js';
import { firstRow, insertRow, type SqlConnection, updateRow } from './connection.js';
import { parseLabels, parseTexts } from './rows.js';

/** Queries for the greatest credential number in each table that holds any. */
const KEY_QUERIES = [
  'select max(key) as key from credential',
  // Rows left behind by a deletion must not belong to a later credential.
  'select max(credential_key) as key from last_use',
  'select max(credential_key) as key from version',
];

/**
 * Inserts a credential with the next number.
 *
 * @param keyQueries further queries for the greatest number, for tables of one engine
 */
export async function insertCredential(
  connection: SqlConnection,
  credential: NewCredential,
  keyQueries: readonly string[],
): Promise<void> {
  // The write lock is held, so no concurrent transaction takes the same number.
  const last = await firstRow<{ key: number | null }>(
    connection,
    `select max(key) as key from (${[...KEY_QUERIES, ...keyQueries].join(' union all ')}) taken`,
  );
  const key = (last?.key ?? 0) + 1;
  await insertRow(connection, 'credential', newCredentialColumns(credential, key));
  await insertRow(connection, 'last_use', {
    credential_key: key,
    number: 0,
    first_used_at: null,
    last_used_at: 0,
    last_used_from: null,
  });
  await insertScopes(connection, key, credential.scopes);
  await insertLabels(connection, key, credential.labels);
  await connection.indexTexts?.(key);
}

/** Applies a patch to a credential. */
export async function updateCredential(
  connection: SqlConnection,
  id: string,
  patch: CredentialPatch,
): Promise<void> {
  const before = patch.scopes === undefined && patch.labels === undefined ? null : await held(connection, id);
  await updateRow(connection, 'credential', id, credentialColumns(patch));
  if (before === null) return;
  if (patch.scopes !== undefined) {
    await deleteScopes(connection, before);
    await insertScopes(connection, before.key, patch.scopes);
  }
  if (patch.labels !== undefined) {
    await deleteLabels(connection, before);
    await insertLabels(connection, before.key, patch.labels);
  }
}

/**
 * Deletes a credential with its rows and leaves a tombstone. Versions and uses are deleted by foreign keys (ON
 * DELETE CASCADE) with its row, and tokens with the hashes, where the tables have them.
 *
 * @param now epoch milliseconds
 * @returns its number and its version ids; null when there was none
 */
export async function deleteCredential(
  connection: SqlConnection,
  id: string,
  now: number,
): Promise<{ readonly key: number; readonly versionIds: readonly string[] } | null> {
  const before = await held(connection, id);
  const versions =
    before === null
      ? []
      : await connection.all<{ id: string }>(
          'select id from version where credential_key = ? order by number',
          [before.key],
        );
  await insertRow(connection, 'tombstone', {
    credential_id: id,
    client_id: before?.client_id ?? null,
    version_ids: JSON.stringify(versions.map((version) => version.id)),
    deleted_at: now,
  });
  if (before === null) return null;
  for (const version of versions) {
    await connection.run('delete from version_hash where version_id = ?', [version.id]);
    await insertRow(connection, 'deleted_version', { version_id: version.id, credential_id: id });
  }
  await deleteScopes(connection, before);
  await deleteLabels(connection, before);
  await connection.run('delete from credential where key = ?', [before.key]);
  return { key: before.key, versionIds: versions.map((version) => version.id) };
}

/**
 * The number of the credential with this id.
 *
 * @throws CredctlError `integrity` where there is none
 */
export async function keyOf(connection: SqlConnection, id: string): Promise<number> {
  const row = await firstRow<{ key: number }>(connection, 'select key from credential where id = ?', [id]);
  if (row !== null) return row.key;
  throw new CredctlError('integrity', 'a version belongs to no credential', {
    hint: "run 'credctl store check'",
  });
}

interface Held {
  readonly key: number;
  readonly client_id: string | null;
  readonly scopes: string;
  readonly labels: string;
}

function held(connection: SqlConnection, id: string): Promise<Held | null> {
  return firstRow<Held>(connection, 'select key, client_id, scopes, labels from credential where id = ?', [
    id,
  ]);
}

async function insertScopes(
  connection: SqlConnection,
  key: number,
  scopes: readonly string[],
): Promise<void> {
  for (const scope of scopes) {
    await insertRow(connection, 'credential_scope', { scope, credential_key: key });
  }
}

async function insertLabels(
  connection: SqlConnection,
  credentialKey: number,
  labels: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [key, value] of labels) {
    await insertRow(connection, 'credential_label', { key, value, credential_key: credentialKey });
  }
}

/** The credential's own list tells which rows exist. */
async function deleteScopes(connection: SqlConnection, { key, scopes }: Held): Promise<void> {
  for (const scope of parseTexts(scopes, 'list of scopes')) {
    await connection.run('delete from credential_scope where scope = ? and credential_key = ?', [scope, key]);
  }
}

async function deleteLabels(connection: SqlConnection, { key, labels }: Held): Promise<void> {
  for (const [name, value] of parseLabels(labels)) {
    await connection.run('delete from credential_label where key = ? and value = ? and credential_key = ?', [
      name,
      value,
      key,
    ]);
  }
}
