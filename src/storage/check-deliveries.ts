import type { Finding } from '../domain/store-port.js';
import type { SqlConnection } from './connection.js';
import { VERSION_JOINS } from './credential-rows.js';

interface OpenDelivery {
  readonly name: string;
  readonly number: number;
  readonly lapses_at: number | null;
  readonly ended_at: number | null;
  readonly first_used_at: number | null;
  readonly destinations: string;
}

/**
 * Versions that were never confirmed as delivered, newest of their credential or still good, and what to do about each.
 *
 * @param now epoch milliseconds
 */
export async function checkDeliveries(connection: SqlConnection, now: number): Promise<readonly Finding[]> {
  const rows = await connection.all<OpenDelivery>(
    `select c.name, v.number, v.lapses_at, v.ended_at, w.first_used_at, v.destinations
      from version v join credential c on c.key = v.credential_key ${VERSION_JOINS}
      where v.delivered_at is null and v.revoked_at is null
        and ((v.ended_at is null and (v.lapses_at is null or v.lapses_at > ? or w.first_used_at is not null))
          or v.number = (select max(n.number) from version n where n.credential_key = v.credential_key))
      order by c.name_key, v.number limit 20`,
    [now],
  );
  return rows.map((row) => finding(row, now));
}

function finding(row: OpenDelivery, now: number): Finding {
  const { name, number } = row;
  if (row.first_used_at !== null && row.ended_at === null) {
    return warning(
      `version ${number} of ${name} was never confirmed as delivered, but it is in use`,
      `credctl rotate ${name} --resume`,
    );
  }
  if (row.ended_at !== null || (row.lapses_at !== null && row.lapses_at <= now)) {
    return {
      check: 'deliveries',
      severity: 'note',
      message: `version ${number} of ${name} has lapsed: nobody can have received it`,
      fix: `credctl rotate ${name}, if it still needs a new secret`,
    };
  }
  if (row.lapses_at !== null) {
    return warning(
      `version ${number} of ${name} was never confirmed as delivered, and stops at ${new Date(row.lapses_at).toISOString()}`,
      `wait; or credctl rotate ${name} --resume if you have it, --abort if not`,
    );
  }
  return warning(
    `version ${number} of ${name} was never confirmed as delivered (to: ${row.destinations})`,
    `credctl rotate ${name} --resume if it arrived there, or --abort`,
  );
}

function warning(message: string, fix: string): Finding {
  return { check: 'deliveries', severity: 'warning', message, fix };
}
