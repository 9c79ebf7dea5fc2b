import type { AuditEntry } from '../../domain/ports/audit-port.js';
import type { Finding } from '../../domain/ports/store-port.js';
import { error } from '../check/finding.js';
import { readEvent, sha256 } from '../sql/audit-trail.js';
import { firstRow, placeholders, type SqlConnection } from '../sql/connection.js';

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

/** Compares the catalog with the digest in the verified trail. */
export async function checkCatalogDigest(connection: SqlConnection): Promise<readonly Finding[]> {
  const told = await lastTold(connection);
  if (told === null || told === (await digestOf(connection))) return [];
  return [
    error(
      'catalog',
      'the catalog is not the one that was applied last, by the audit trail',
      'find out who wrote to the store past this program; look at it with credctl catalog show, and apply the right one: credctl catalog apply -f FILE',
    ),
  ];
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
