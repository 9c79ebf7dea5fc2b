import { setTimeout as sleep } from 'node:timers/promises';
import { CredctlError } from '../../../domain/errors.js';
import { type FoundLeak, placeText } from '../../../domain/leak/leak.js';
import { firstRow, type SqlConnection } from '../../sql/connection.js';
import type { PostgresSession } from '../connection/session.js';
import { MOST_LEAKS } from './record-leaks.js';

const RECORD = `select l.handle from credctl.record_leaks($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[],
  $6::bigint[]) as l (handle)`;

/** Sets the sequence of leaks after the greatest number, where rows were inserted with theirs. */
export const CONTINUE_NUMBERS = `select pg_catalog.setval('credctl.leak_id_seq'::regclass, coalesce(max(id), 0) + 1, false)
  from credctl.leak`;

/** Attempts for leaks whose rows are locked, and milliseconds between two of them. */
const TRIES = 5;
const PAUSE_MS = 20;

/**
 * Records found leaks by the function of the schema, whichever role the login has.
 *
 * @param now epoch milliseconds
 * @throws CredctlError `store_unavailable` when the rows of some stay locked; the others are recorded
 */
export async function recordLeaksByFunction(
  session: PostgresSession,
  found: readonly FoundLeak[],
  now: number,
): Promise<void> {
  for (let at = 0; at < found.length; at += MOST_LEAKS) {
    await recordPart(session, found.slice(at, at + MOST_LEAKS), now);
  }
}

async function recordPart(session: PostgresSession, found: readonly FoundLeak[], now: number): Promise<void> {
  let left = found;
  for (let tries = 1; ; tries += 1) {
    const rows = await session.prepared<{ handle: string }>('record_leaks', RECORD, [
      left.map(({ handle }) => handle),
      left.map(({ credentialId }) => credentialId),
      left.map(({ version }) => version),
      left.map(({ source }) => source),
      left.map(({ place }) => placeText(place)),
      left.map(() => now),
    ]);
    const held = new Set(rows.map(({ handle }) => handle));
    left = left.filter(({ handle }) => held.has(handle));
    if (left.length === 0) return;
    if (tries === TRIES) throw heldLeak();
    await sleep(PAUSE_MS);
  }
}

/**
 * Locks the row of a leak to change it: SKIP LOCKED, so it never waits for a server that has locked the row.
 *
 * @throws CredctlError `store_unavailable` when the row stays locked
 */
export async function lockLeak(connection: SqlConnection, id: number): Promise<void> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const locked = await firstRow(connection, 'select 1 from leak where id = ? for update skip locked', [id]);
    if (locked !== null) return;
    await sleep(PAUSE_MS);
  }
  throw heldLeak();
}

function heldLeak(): CredctlError {
  return new CredctlError('store_unavailable', 'another session has locked the row of a leak', {
    hint: 'try again; docs/database-trust.md says how to end a session that does not let go',
  });
}
