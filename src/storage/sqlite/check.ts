import type { Finding } from '../../domain/ports/store-port.js';
import { type Ask, checkStore, FROM_BACKUP } from '../check/check.js';
import { error } from '../check/finding.js';
import { FIX_IN_FILE } from '../check/trail.js';
import type { SqlConnection } from '../sql/connection.js';
import { isUnusableSchema } from './fault.js';
import { checkSchema } from './schema-check.js';

/**
 * Checks a store in an SQLite file; the caller holds the snapshot.
 *
 * @param now epoch milliseconds
 */
export function checkSqlite(connection: SqlConnection, now: number): Promise<readonly Finding[]> {
  const ask: Ask = (text, parameters = []) => connection.all(text, parameters);
  return checkStore(connection, now, {
    structure: async () => [...(await damagedPages(ask)), ...(await checkSchema(connection))],
    references: brokenReferences,
    unknownHash:
      "h.hash not glob '$2[aby]$0[4-9]$*' and h.hash not glob '$2[aby]$1[0-6]$*' and h.hash not glob '$sha256$*'",
    isWiped: () => 'true',
    leftovers: async () => [],
    trailFix: FIX_IN_FILE,
    detailOf: (column, detail) => `json_extract(${column}, '$.details.${detail}')`,
  });
}

async function damagedPages(ask: Ask): Promise<readonly Finding[]> {
  const rows = await pageAnswers(ask);
  return rows
    .filter((row) => row.integrity_check !== 'ok')
    .map((row) => error('pages', `the file is damaged: ${row.integrity_check}`, FROM_BACKUP));
}

async function pageAnswers(ask: Ask): Promise<readonly { readonly integrity_check: string }[]> {
  try {
    return await ask<{ integrity_check: string }>('pragma integrity_check(20)');
  } catch (fault) {
    if (isUnusableSchema(fault))
      return [{ integrity_check: `the schema of the file cannot be used: ${fault.message}` }];
    throw fault;
  }
}

async function brokenReferences(ask: Ask): Promise<readonly Finding[]> {
  const rows = await ask<{ table: string; parent: string }>('pragma foreign_key_check');
  return rows
    .slice(0, 20)
    .map((row) => error('references', `a row of ${row.table} belongs to no ${row.parent}`, FROM_BACKUP));
}
