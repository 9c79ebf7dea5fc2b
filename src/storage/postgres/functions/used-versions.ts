import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedUse } from '../../../domain/ports/serving-port.js';
import type { PostgresSession } from '../connection/session.js';

const RECORD = `select u.id from credctl.record_uses($1::text[], $2::bigint[], $3::bigint[], $4::text[]) as u (id)`;

/** Attempts for records whose rows are locked, and milliseconds between two of them. */
const TRIES = 5;
const PAUSE_MS = 20;

/**
 * Records uses by the function that servers call.
 *
 * @returns the uses whose record stayed locked
 */
export async function recordByFunction(
  session: PostgresSession,
  uses: readonly RecordedUse[],
): Promise<readonly RecordedUse[]> {
  let left = uses;
  for (let tries = 1; left.length > 0; tries += 1) {
    const rows = await session.prepared<{ id: string }>('record_uses', RECORD, [
      left.map(({ versionId }) => versionId),
      left.map(({ first }) => first),
      left.map(({ last }) => last),
      left.map(({ from }) => from),
    ]);
    const held = new Set(rows.map(({ id }) => id));
    left = left.filter(({ versionId }) => held.has(versionId));
    if (left.length === 0 || tries === TRIES) break;
    await sleep(PAUSE_MS);
  }
  return left;
}
