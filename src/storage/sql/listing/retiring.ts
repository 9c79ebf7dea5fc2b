import type { Condition, Selection } from './terms.js';

/** With the condition of the partial index. */
const RETIRING =
  'v.retires_at > ? and v.retires_at is not null and v.ended_at is null and v.revoked_at is null';

/** The credentials with a version that retires after `now`: a range of the index of those. */
export function ofRetiring(now: number): Selection {
  return {
    // With the unary plus, SQLite does not scan the key to find each credential once.
    column: '+v.credential_key',
    from: `from version v where ${RETIRING}`,
    parameters: [now],
    isRepeating: true,
  };
}

/** Whether a credential that was found otherwise has one. */
export function hasRetiring(now: number): Condition {
  return {
    text: `exists (select 1 from version v where v.credential_key = +c.key and ${RETIRING})`,
    parameters: [now],
  };
}
