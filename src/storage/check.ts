import type { Finding } from '../domain/store-port.js';
import { verifyAuditTrail } from './audit-trail.js';
import { checkContent } from './check-content.js';
import type { SqlConnection, SqlValue } from './connection.js';

export type Ask = <Row>(text: string, parameters?: readonly SqlValue[]) => Promise<readonly Row[]>;

export const FROM_BACKUP = 'keep a copy of the store and restore it from a backup';

/** What is looked for in another way on each engine. */
export interface EngineChecks {
  /** Damage of the database itself, and of its tables and indexes. */
  structure(): Promise<readonly Finding[]>;
  /** Rows that refer to none. */
  references(ask: Ask): Promise<readonly Finding[]>;
  /** The condition that is true for a hash `h.hash` of no known kind. */
  readonly unknownHash: string;
}

/** Looks for damage, for contradictions between tables, and for deliveries that somebody should look at. */
export async function checkStore(
  connection: SqlConnection,
  now: number,
  engine: EngineChecks,
): Promise<readonly Finding[]> {
  const ask: Ask = (text, parameters = []) => connection.all(text, parameters);
  const structure = await engine.structure();
  // Without its tables, nothing more can be asked of a store.
  if (structure.length > 0) return structure;
  const content = [...(await checkContent(connection)), ...(await brokenHashes(ask, engine.unknownHash))];
  const relations = [...(await engine.references(ask)), ...(await alteredAudit(connection))];
  if (content.length > 0) return [...content, ...relations];
  return [...relations, ...(await contradictions(ask)), ...(await openDeliveries(ask, now))];
}

async function brokenHashes(ask: Ask, unknownHash: string): Promise<readonly Finding[]> {
  const rows = await ask<{ name: string; number: number }>(
    `select c.name, v.number from version_hash h join version v on v.id = h.version_id
      join credential c on c.id = v.credential_id
      where ${unknownHash} limit 20`,
  );
  return rows.map((row) =>
    error(
      'hashes',
      `the hash of version ${row.number} of ${row.name} is of no known kind`,
      `credctl rotate ${row.name}`,
    ),
  );
}

async function alteredAudit(connection: SqlConnection): Promise<readonly Finding[]> {
  const result = await verifyAuditTrail(connection, null);
  if (result.valid) return [];
  return [
    error(
      'audit',
      `the audit trail was altered at event ${result.firstBad}`,
      'compare it with an export kept elsewhere; nothing after that event can be trusted',
    ),
  ];
}

async function contradictions(ask: Ask): Promise<readonly Finding[]> {
  const unhashed = await ask<{ name: string; number: number }>(
    `select c.name, v.number from version v join credential c on c.id = v.credential_id
      left join version_hash h on h.version_id = v.id where h.version_id is null limit 20`,
  );
  const revived = await ask<{ credential_id: string }>(
    'select t.credential_id from tombstone t join credential c on c.id = t.credential_id limit 20',
  );
  return [
    ...unhashed.map((row) =>
      error('hashes', `version ${row.number} of ${row.name} has no hash`, `credctl rotate ${row.name}`),
    ),
    ...revived.map((row) =>
      error(
        'tombstones',
        `${row.credential_id} was deleted and is back`,
        `credctl delete ${row.credential_id}`,
      ),
    ),
  ];
}

async function openDeliveries(ask: Ask, now: number): Promise<readonly Finding[]> {
  const rows = await ask<{ name: string; number: number; lapses_at: number | null }>(
    `select c.name, v.number, v.lapses_at from version v join credential c on c.id = v.credential_id
      left join version_use w on w.version_id = v.id
      where v.delivered_at is null and v.revoked_at is null and v.ended_at is null
        and (v.lapses_at is null or v.lapses_at > ? or w.first_used_at is not null) limit 20`,
    [now],
  );
  return rows.map((row) => ({
    check: 'deliveries',
    severity: 'warning',
    message: `version ${row.number} of ${row.name} was never confirmed as delivered`,
    fix: `credctl rotate ${row.name} --resume, or --abort`,
  }));
}

/** A finding that the store cannot be trusted with. */
export function error(check: string, message: string, fix: string): Finding {
  return { check, severity: 'error', message, fix };
}
