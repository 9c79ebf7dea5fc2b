import type { DeliveryRecord } from '../../domain/credential/version.js';
import type { Finding } from '../../domain/ports/store-port.js';
import { shellWord } from '../../domain/text/quote.js';
import { recordedLiveness } from '../../files/process.js';
import type { SqlConnection } from '../sql/connection.js';
import { parseDelivery, VERSION_JOINS } from '../sql/credential-rows.js';

interface OpenDelivery {
  readonly name: string;
  readonly number: number;
  readonly lapses_at: number | null;
  readonly ended_at: number | null;
  readonly first_used_at: number | null;
  readonly destinations: string;
  readonly delivery: string | null;
}

/**
 * Finds versions not confirmed as delivered that are the newest of their credential or still valid, with a remedy
 * for each.
 *
 * @param now epoch milliseconds
 */
export async function checkDeliveries(connection: SqlConnection, now: number): Promise<readonly Finding[]> {
  const rows = await connection.all<OpenDelivery>(
    `select c.name, v.number, v.lapses_at, v.ended_at, w.first_used_at, v.destinations, v.delivery
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
  const record = row.delivery === null || row.ended_at !== null ? null : parseDelivery(row.delivery);
  const liveness = record === null ? 'gone' : recordedLiveness(record.process);
  if (record !== null && liveness === 'running') return underWay(row, record);
  const lease = record !== null && liveness === 'unknown' && now < record.deliverBy ? record : null;
  return openEnd(row, now, lease === null ? NO_LEASE : leaseWords(lease));
}

/** Additions to a finding while a lease holds: the advised commands are refused without the flag. */
interface LeaseWords {
  readonly fact: string;
  readonly wait: string;
  readonly flag: string;
}

const NO_LEASE: LeaseWords = { fact: '', wait: '', flag: '' };

function leaseWords({ process, deliverBy }: DeliveryRecord): LeaseWords {
  const until = new Date(deliverBy).toISOString();
  return {
    fact: `; process ${process.pid} on ${process.host}, which this machine cannot see, may still be delivering it until ${until}`,
    wait: 'wait until then; or, if that process has ended, ',
    flag: ' --take-over',
  };
}

function underWay({ name, number }: OpenDelivery, { process }: DeliveryRecord): Finding {
  return note(
    `version ${number} of ${name} is being delivered by process ${process.pid} on ${process.host}`,
    'wait for that process, or end it',
  );
}

/** The finding for a version whose delivery is not known to be running. */
function openEnd(row: OpenDelivery, now: number, { fact, wait, flag }: LeaseWords): Finding {
  const { name, number } = row;
  const rotate = `credctl rotate ${shellWord(name)}`;
  if (row.first_used_at !== null && row.ended_at === null) {
    return warning(
      `version ${number} of ${name} was never confirmed as delivered, but it is in use${fact}`,
      `${wait}${rotate} --resume${flag}`,
    );
  }
  if (row.ended_at !== null || (row.lapses_at !== null && row.lapses_at <= now)) {
    return note(
      `version ${number} of ${name} was never delivered, and has lapsed${fact}`,
      `${wait}${rotate}${flag === '' ? '' : ` --now${flag}`}, if it still needs a new secret`,
    );
  }
  if (row.lapses_at !== null) {
    return warning(
      `version ${number} of ${name} was never confirmed as delivered, and stops at ${new Date(row.lapses_at).toISOString()}${fact}`,
      flag === ''
        ? `wait; or ${rotate} --resume if you have the secret, --abort if not`
        : `${wait}${rotate} --resume${flag} if you have the secret, --abort${flag} if not`,
    );
  }
  return warning(
    `version ${number} of ${name} was never confirmed as delivered (to: ${row.destinations})${fact}`,
    `${wait}${rotate} --resume${flag} if the secret arrived there, --abort${flag} if not`,
  );
}

function note(message: string, fix: string): Finding {
  return { check: 'deliveries', severity: 'note', message, fix };
}

function warning(message: string, fix: string): Finding {
  return { check: 'deliveries', severity: 'warning', message, fix };
}
