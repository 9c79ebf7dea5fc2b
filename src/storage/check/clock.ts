import type { AuditEvent } from '../../domain/audit-event.js';
import { TOLERATED_BEHIND_MS } from '../../domain/clock-doubt.js';
import type { Credential } from '../../domain/credential/credential.js';
import { newestReceived, type Version } from '../../domain/credential/version.js';
import { formatInstant } from '../../domain/duration.js';
import type { Finding } from '../../domain/ports/store-port.js';
import type { JsonValue } from '../../domain/text/canonical-json.js';
import { shellWord } from '../../domain/text/quote.js';
import type { SqlConnection } from '../sql/connection.js';
import { SqlReader } from '../sql/reader.js';

/** Upper bound of misdated events that are examined. */
const LOOKED_AT = 1_000;

/** An event dated in the future, or before an earlier event. */
interface Misdated {
  readonly seq: number;
  readonly at: number;
  readonly isFuture: boolean;
  readonly action: string;
  readonly targetId: string | null;
  readonly text: string;
}

/**
 * Finds events dated in the future, events older than their predecessors, and deadlines set by such events that
 * still hold.
 *
 * @param now epoch milliseconds
 */
export async function checkClock(connection: SqlConnection, now: number): Promise<readonly Finding[]> {
  const events = await misdated(connection, now + TOLERATED_BEHIND_MS);
  if (events.length === 0) return checkTokens(connection, now);
  const reader = new SqlReader(connection);
  const ends = new Map<string, Finding>();
  for (const event of events) {
    if (event.targetId === null) continue;
    const credential = await reader.findCredential(event.targetId);
    if (credential?.id !== event.targetId) continue;
    for (const finding of endsSetBy(event, credential, now)) ends.set(finding.message, finding);
  }
  return [...summaries(events, now), ...ends.values(), ...(await checkTokens(connection, now))];
}

/** Events later than `limit`, and those older than a predecessor that is itself not later than it. */
async function misdated(connection: SqlConnection, limit: number): Promise<readonly Misdated[]> {
  const rows = await connection.all<{
    seq: number;
    at: number;
    action: string;
    target_id: string | null;
    text: string;
  }>(
    `select seq, at, action, target_id, text from (
       select seq, at, action, target_id, text,
         max(case when at <= ? then at end) over (order by seq rows between unbounded preceding and 1 preceding) as peak
       from audit_event) e
      where at > ? or at < peak - ${TOLERATED_BEHIND_MS} order by seq limit ${LOOKED_AT}`,
    [limit, limit],
  );
  return rows.map(({ seq, at, action, target_id: targetId, text }) => ({
    seq,
    at,
    isFuture: at > limit,
    action,
    targetId,
    text,
  }));
}

function summaries(events: readonly Misdated[], now: number): readonly Finding[] {
  const future = events.filter(({ isFuture }) => isFuture);
  const past = events.filter(({ isFuture }) => !isFuture);
  return [
    ...summary(future, 'in the future', `credctl audit list --since ${formatInstant(now)}`),
    ...summary(past, 'older than those before', 'credctl audit list'),
  ];
}

function summary(events: readonly Misdated[], what: string, look: string): readonly Finding[] {
  const [first] = events;
  if (first === undefined) return [];
  const which =
    events.length === 1
      ? `event ${first.seq} is ${what}`
      : `${events.length} events are ${what}, the first is event ${first.seq}`;
  return [
    {
      check: 'clock',
      severity: 'warning',
      message: `${which} (${instant(first.at)}): a clock was wrong`,
      fix: `set the clock right, and check what was changed then: ${look}`,
    },
  ];
}

/** The deadlines that an event set and that still hold. */
function endsSetBy(event: Misdated, credential: Credential, now: number): readonly Finding[] {
  const details = detailsOf(event.text);
  switch (event.action) {
    case 'credential.create':
      return [
        ...expirySetBy(event, credential, details['expires_at']),
        ...dueSince(event, credential, details),
      ];
    case 'credential.edit':
      return expirySetBy(event, credential, member(details['expires_at'], 'to'));
    case 'credential.rotate':
      return dueSince(event, credential, details);
    case 'credential.rotate.deliver':
      return gracesSetBy(event, credential, details['version'], now);
    default:
      return [];
  }
}

function expirySetBy(
  event: Misdated,
  { name, expiresAt }: Credential,
  at: JsonValue | undefined,
): readonly Finding[] {
  if (expiresAt === null || at !== expiresAt) return [];
  return [
    end(
      event,
      `${name} expires at ${instant(expiresAt)}`,
      `credctl edit ${shellWord(name)} --expires-at TIME, or --no-expiry`,
    ),
  ];
}

/** The rotation policy counts from the newest secret. A rotation that is due too early corrects itself when done. */
function dueSince(
  event: Misdated,
  { name, rotationDueAt, versions }: Credential,
  { version }: AuditEvent['details'],
): readonly Finding[] {
  if (!event.isFuture || rotationDueAt === null || newestReceived(versions)?.number !== version) return [];
  return [
    end(
      event,
      `the next rotation of ${name} is due at ${instant(rotationDueAt)}`,
      `credctl rotate ${shellWord(name)}`,
    ),
  ];
}

function gracesSetBy(
  event: Misdated,
  { name, versions }: Credential,
  delivered: JsonValue | undefined,
  now: number,
): readonly Finding[] {
  if (typeof delivered !== 'number') return [];
  const isNewest = versions.every(({ number }) => number <= delivered);
  return versions.flatMap((version): readonly Finding[] => {
    const { number, retiresAt } = version;
    if (number >= delivered || retiresAt === null || !isOpen(version)) return [];
    if (event.isFuture) {
      if (retiresAt <= now) return [];
      return [
        end(
          event,
          `version ${number} of ${name} works until ${instant(retiresAt)}`,
          `credctl rotate ${shellWord(name)} --finish`,
        ),
      ];
    }
    if (!isNewest || number !== delivered - 1) return [];
    return [
      end(
        event,
        `version ${number} of ${name} ${retiresAt > now ? 'ends' : 'ended'} at ${instant(retiresAt)}`,
        `an app that still uses this secret needs the secret of version ${delivered}`,
      ),
    ];
  });
}

/** Whether the version's end was left to its grace. */
function isOpen({ revokedAt, ended }: Version): boolean {
  return revokedAt === null && ended?.as !== 'lapsed';
}

/** The issuing of tokens is not recorded in the trail, so they are checked by their own times. */
async function checkTokens(connection: SqlConnection, now: number): Promise<readonly Finding[]> {
  const rows = await connection.all<{ name: string; until: number }>(
    `select c.name, max(t.expires_at) as until from access_token t join credential c on c.id = t.credential_id
      where t.issued_at > ? and t.issued_at = cast(t.issued_at as bigint) and t.expires_at = cast(t.expires_at as bigint)
      group by c.name order by c.name limit 20`,
    [now + TOLERATED_BEHIND_MS],
  );
  return rows.map(({ name, until }) => ({
    check: 'clock',
    severity: 'warning',
    message: `access tokens of ${name} were issued while a clock was ahead: they are refused until their time of issue, and then work until ${instant(until)}`,
    fix: `credctl rotate ${shellWord(name)} --now, which ends them`,
  }));
}

function end({ seq, isFuture }: Misdated, what: string, fix: string): Finding {
  const clock = isFuture ? 'a clock that was ahead' : 'a clock that was behind';
  return {
    check: 'clock',
    severity: 'warning',
    message: `${what}: event ${seq} computed this time from ${clock}`,
    fix,
  };
}

function detailsOf(text: string): AuditEvent['details'] {
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event !== 'object' || event === null || !('details' in event)) return {};
    return typeof event.details === 'object' && event.details !== null ? { ...event.details } : {};
  } catch {
    return {};
  }
}

function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function instant(ms: number): string {
  return ms < 0 ? 'a time before 1970' : formatInstant(ms);
}
