import type { AuditEntry } from '../../../domain/ports/audit-port.js';
import { readEvent, sha256 } from '../audit-trail.js';
import { firstRow, placeholders, type SqlConnection } from '../connection.js';

/** Events that record which catalog is in force. */
const TELLING = ['store.init', 'catalog.replace', 'store.migrate', 'store.restore'];

/** Adds the catalog's SHA-256 to the details of such an event. */
export async function withCatalogDigest(
  connection: SqlConnection,
  { action, details }: Pick<AuditEntry, 'action' | 'details'>,
): Promise<AuditEntry['details']> {
  // A restore into an existing store does not touch its catalog, which need not be the recorded one.
  if (!TELLING.includes(action) || details['known_from'] === 'present-store') return details;
  // A migration does not touch the catalog either: the digest recorded before stays the required one.
  const told = action === 'store.migrate' ? await lastTold(connection) : null;
  const digest = told ?? (await digestOf(connection));
  return digest === null ? details : { ...details, catalog_sha256: digest };
}

/** Whether the catalog is the one that the verified trail records; true where it records none. */
export async function isCatalogTold(connection: SqlConnection): Promise<boolean> {
  const told = await lastTold(connection);
  return told === null || told === (await digestOf(connection));
}

async function lastTold(connection: SqlConnection): Promise<string | null> {
  const rows = await connection.all<{ text: string }>(
    `select text from audit_event where action in (${placeholders(TELLING.length)}) order by seq desc`,
    TELLING,
  );
  for (const { text } of rows) {
    const digest = readEvent(text)?.details['catalog_sha256'];
    if (typeof digest === 'string') return digest;
  }
  return null;
}

async function digestOf(connection: SqlConnection): Promise<string | null> {
  const row = await firstRow<{ document: string }>(connection, 'select document from catalog where id = 1');
  return row === null ? null : sha256(row.document);
}
