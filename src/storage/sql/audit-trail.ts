import {
  AUDIT_ALG,
  type AuditAction,
  type AuditEvent,
  auditEventText,
  GENESIS_HASH,
} from '../../domain/audit-event.js';
import type { AuditQuery, AuditVerification, Page, RecordedEvent } from '../../domain/ports/store-port.js';
import { nameKey } from '../../domain/text/name.js';
import { crypto } from '../../files/crypto.js';
import type { AuditEventTable } from '../schema/tables.js';
import { firstRow, type SqlConnection } from './connection.js';
import { LAST_NUMBER } from './listing/query.js';
import { type TargetCondition as Condition, targetConditions } from './lookup/audit-targets.js';

const BATCH = 1_000;

/** SHA-256 of a text, in hexadecimal. */
export function sha256(text: string): string {
  return crypto().createHash('sha256').update(text).digest('hex');
}

/** SHA-256 (hexadecimal) over the previous hash's hexadecimal digits and the event's canonical text. */
export function chainHash(previous: string, text: string): string {
  return crypto().createHash('sha256').update(previous).update(text).digest('hex');
}

/** The row that records `event` after an event whose hash is `previous`. */
export function auditRow(event: AuditEvent, previous: string): AuditEventTable {
  const text = auditEventText(event);
  return { ...columnsOf(event), text, hash: chainHash(previous, text) };
}

/** A page of events, newest first (keyset pagination); the cursor is the lowest sequence number shown. */
export async function listAuditEvents(
  connection: SqlConnection,
  query: AuditQuery,
): Promise<Page<RecordedEvent>> {
  const filters: Condition[] = [];
  if (query.action !== undefined) filters.push({ text: 'action = ?', parameters: [query.action] });
  if (query.since !== undefined) filters.push({ text: 'at >= ?', parameters: [query.since] });
  // PostgreSQL refuses a parameter that is beyond the type of the column.
  if (query.before !== undefined && query.before <= LAST_NUMBER)
    filters.push({ text: 'seq < ?', parameters: [query.before] });
  const targets = query.target === undefined ? [] : await targetConditions(connection, query.target);
  const { text, parameters } = newestEvents(targets, filters, query.limit + 1);
  const rows = await connection.all<AuditEventTable>(text, parameters);
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(toRecordedEvent),
    nextCursor: rows.length > query.limit && last !== undefined ? String(last.seq) : null,
  };
}

/**
 * The newest events that meet any of the targets and all of the filters. One ordered index scan a target: an OR would
 * read and sort every event of each of them.
 */
function newestEvents(
  targets: readonly Condition[],
  filters: readonly Condition[],
  limit: number,
): Condition {
  const ordered = `order by seq desc limit ${limit}`;
  const scans = (targets.length === 0 ? [[]] : targets.map((target) => [target])).map((target) => {
    const conditions = [...target, ...filters];
    const where = conditions.length === 0 ? '' : `where ${conditions.map(({ text }) => text).join(' and ')}`;
    return {
      text: `select * from audit_event ${where} ${ordered}`,
      parameters: conditions.flatMap(({ parameters }) => parameters),
    };
  });
  const [only, ...others] = scans;
  if (only !== undefined && others.length === 0) return only;
  const each = scans.map(({ text }, index) => `select * from (${text}) scan${index}`);
  return {
    text: `select * from (${each.join(' union ')}) merged ${ordered}`,
    parameters: scans.flatMap(({ parameters }) => parameters),
  };
}

/** Every event after a number, oldest first, in batches that bound memory. */
export async function* auditBatches(
  connection: SqlConnection,
  after: number | null,
): AsyncGenerator<readonly RecordedEvent[]> {
  for await (const rows of rowBatches(connection, after)) yield rows.map(toRecordedEvent);
}

/**
 * Recomputes the hash chain and compares every column with the hashed text.
 *
 * @param expectedHead a hash noted earlier, which must still be part of the chain; null when there is none
 */
export async function verifyAuditTrail(
  connection: SqlConnection,
  expectedHead: string | null,
): Promise<AuditVerification> {
  const head = await firstRow<{ seq: number; hash: string }>(
    connection,
    'select * from audit_head where id = 1',
  );
  let previous = GENESIS_HASH;
  let seq = 0;
  let foundExpected = expectedHead === null || expectedHead === GENESIS_HASH;
  for await (const rows of rowBatches(connection)) {
    for (const row of rows) {
      if (row.seq !== seq + 1 || !isAuthentic(row, previous)) {
        return { valid: false, firstBad: seq + 1, ...unknownAlg(row, seq + 1) };
      }
      seq = row.seq;
      previous = row.hash;
      foundExpected ||= row.hash === expectedHead;
    }
  }
  // Every store begins with the event of its creation.
  if (seq === 0) return { valid: false, firstBad: 1 };
  if (head === null || head.seq !== seq || head.hash !== previous) {
    return {
      valid: false,
      firstBad: Math.max(1, Math.min(seq, head?.seq ?? 0) + (head?.seq === seq ? 0 : 1)),
    };
  }
  return foundExpected ? { valid: true, events: seq, head: previous } : { valid: false, firstBad: seq + 1 };
}

async function* rowBatches(
  connection: SqlConnection,
  start: number | null = null,
): AsyncGenerator<readonly AuditEventTable[]> {
  let after = start;
  for (;;) {
    const rows: readonly AuditEventTable[] = await connection.all<AuditEventTable>(
      `select * from audit_event ${after === null ? '' : 'where seq > ?'} order by seq limit ${BATCH}`,
      after === null ? [] : [after],
    );
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.seq;
  }
}

function isAuthentic(row: AuditEventTable, previous: string): boolean {
  if (row.hash !== chainHash(previous, row.text)) return false;
  const event = parseEvent(row.text);
  if (event === null || (event.alg ?? AUDIT_ALG) !== AUDIT_ALG) return false;
  const columns: Readonly<Record<string, unknown>> = { ...columnsOf(event) };
  return Object.entries({ ...row }).every(
    ([column, value]) => !(column in columns) || columns[column] === value,
  );
}

/** Reports the algorithm of an event written by a later program, which is not a sign of tampering. */
function unknownAlg(row: AuditEventTable, seq: number): { readonly unknownAlg?: string } {
  const alg = row.seq === seq ? parseEvent(row.text)?.alg : undefined;
  return alg === undefined || alg === AUDIT_ALG ? {} : { unknownAlg: alg };
}

function columnsOf(event: AuditEvent): Omit<AuditEventTable, 'text' | 'hash'> {
  return {
    seq: event.seq,
    at: event.at,
    actor: event.actor,
    action: event.action,
    target_kind: event.target.kind,
    target_id: event.target.id,
    target_name: event.target.name,
    target_key: event.target.name === null ? null : nameKey(event.target.name),
    reason: event.reason,
  };
}

function toRecordedEvent(row: AuditEventTable): RecordedEvent {
  return { event: parseEvent(row.text) ?? eventFromColumns(row), hash: row.hash };
}

/** What the columns still tell of an event whose text is damaged. */
function eventFromColumns(row: AuditEventTable): AuditEvent {
  return {
    seq: row.seq,
    at: row.at,
    actor: row.actor,
    action: row.action as AuditAction,
    target: {
      kind: row.target_kind as AuditEvent['target']['kind'],
      id: row.target_id,
      name: row.target_name,
    },
    reason: row.reason,
    details: {},
  };
}

/** Parses a stored text; null where it is not an event, or not in the one canonical form. */
function parseEvent(text: string): AuditEvent | null {
  const event = readEvent(text);
  try {
    return event !== null && auditEventText(event) === text ? event : null;
  } catch {
    return null;
  }
}

/** Parses the text of an event in a verified trail; null where it is not an event. */
export function readEvent(text: string): AuditEvent | null {
  try {
    const event: unknown = JSON.parse(text);
    return isEvent(event) ? event : null;
  } catch {
    return null;
  }
}

function isEvent(value: unknown): value is AuditEvent {
  if (typeof value !== 'object' || value === null || !('target' in value)) return false;
  const { target, ...rest } = value as Readonly<Record<string, unknown>>;
  return (
    Number.isSafeInteger(rest['seq']) &&
    Number.isSafeInteger(rest['at']) &&
    typeof rest['actor'] === 'string' &&
    typeof rest['action'] === 'string' &&
    isTextOrNull(rest['reason']) &&
    isTextOrAbsent(rest['alg']) &&
    isTextOrAbsent(rest['login']) &&
    typeof rest['details'] === 'object' &&
    isTarget(target)
  );
}

function isTarget(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id, name } = value as Readonly<Record<string, unknown>>;
  return typeof kind === 'string' && isTextOrNull(id) && isTextOrNull(name);
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
