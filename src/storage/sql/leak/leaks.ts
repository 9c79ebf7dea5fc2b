import { usageError } from '../../../domain/errors.js';
import {
  type FoundLeak,
  LEAK_SOURCES,
  type Leak,
  type LeakQuery,
  type LeakSource,
  placeText,
  withPlace,
} from '../../../domain/leak/leak.js';
import type { Page } from '../../../domain/ports/store-port.js';
import { type AnyHandle, parseAnyHandle } from '../../../domain/secret/handle.js';
import type { LeakTable } from '../../schema/tables.js';
import { firstRow, insertRow, type SqlConnection } from '../connection.js';
import { VERSION_OF_HASH } from '../credential-rows.js';
import { altered, parseTexts, time, timeOrNull } from '../rows.js';

/** The greatest id on both engines: PostgreSQL's `integer`. */
const LAST_ID = 2_147_483_647;

/**
 * Records found leaks, in a transaction that holds the write lock: one open row a handle of the store.
 *
 * @param now epoch milliseconds
 */
export async function recordLeaks(
  connection: SqlConnection,
  found: readonly FoundLeak[],
  now: number,
): Promise<void> {
  const store = await firstRow<{ prefix: string }>(connection, 'select prefix from store where id = 1');
  for (const leak of found) {
    if (parseAnyHandle(leak.handle)?.prefix !== store?.prefix) continue;
    const place = placeText(leak.place);
    const row = await firstRow<LeakTable>(
      connection,
      'select * from leak where handle = ? and closed_at is null',
      [leak.handle],
    );
    await (row === null ? insert(connection, leak, place, now) : addPlace(connection, row, place, now));
  }
}

async function insert(connection: SqlConnection, leak: FoundLeak, place: string, now: number): Promise<void> {
  const handle = parseAnyHandle(leak.handle);
  if (handle === null) return;
  const last = await firstRow<{ id: number | null }>(connection, 'select max(id) as id from leak');
  const { credentialId, version } = await versionOf(connection, handle, leak);
  await insertRow(connection, 'leak', {
    id: (last?.id ?? 0) + 1,
    handle: leak.handle,
    kind: handle.kind,
    credential_id: credentialId,
    version,
    source: leak.source,
    places: JSON.stringify(place === '' ? [] : [place]),
    place_count: place === '' ? 0 : 1,
    first_found_at: now,
    last_found_at: now,
    closed_at: null,
  });
}

async function addPlace(
  connection: SqlConnection,
  row: LeakTable,
  place: string,
  now: number,
): Promise<void> {
  const { places, placeCount } = withPlace(toLeak(row), place);
  await connection.run('update leak set places = ?, place_count = ?, last_found_at = ? where id = ?', [
    JSON.stringify(places),
    placeCount,
    Math.max(now, row.last_found_at),
    row.id,
  ]);
}

/** What the store finds by the handle comes first; what the finder says is taken where there is such a version. */
async function versionOf(
  connection: SqlConnection,
  { kind, id }: AnyHandle,
  { credentialId, version }: FoundLeak,
): Promise<Pick<FoundLeak, 'credentialId' | 'version'>> {
  const ofHash = `join version_hash h on h.version_id = ${kind === 'tok' ? 't.version_id' : 't.id'} ${VERSION_OF_HASH}
    join credential c on c.key = v.credential_key`;
  const found = await firstRow<{ id: string; number: number }>(
    connection,
    kind === 'tok'
      ? `select c.id, v.number from access_token t ${ofHash} where t.id = ?`
      : `select c.id, v.number from (select cast(? as text) as id) t ${ofHash}
          where c.type = '${kind === 'sec' ? 'oauth2' : 'api-key'}'`,
    [id],
  );
  if (found !== null) return { credentialId: found.id, version: found.number };
  const told = await firstRow(
    connection,
    'select 1 from credential c join version v on v.credential_key = c.key where c.id = ? and v.number = ?',
    [credentialId, version],
  );
  return told === null ? { credentialId: null, version: null } : { credentialId, version };
}

/** A page of leaks, the last found first (keyset pagination). */
export async function listLeaks(connection: SqlConnection, query: LeakQuery): Promise<Page<Leak>> {
  const position = query.cursor === undefined ? null : parseCursor(query.cursor);
  const conditions = [
    ...(query.withClosed ? [] : ['closed_at is null']),
    ...(position === null ? [] : ['last_found_at <= ? and (last_found_at < ? or id < ?)']),
  ];
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const rows = await connection.all<LeakTable>(
    `select * from leak ${where} order by last_found_at desc, id desc limit ${query.limit + 1}`,
    position === null ? [] : [position.at, position.at, position.id],
  );
  const items = rows.slice(0, query.limit).map(toLeak);
  const last = items.at(-1);
  return {
    items,
    nextCursor:
      rows.length > query.limit && last !== undefined
        ? Buffer.from(JSON.stringify([last.lastFoundAt, last.id])).toString('base64url')
        : null,
  };
}

function parseCursor(cursor: string): { readonly at: number; readonly id: number } {
  const [at, id, ...rest] = decoded(cursor);
  if (rest.length === 0 && isWhole(at, Number.MAX_SAFE_INTEGER) && isWhole(id, LAST_ID)) return { at, id };
  throw usageError('the cursor does not belong to this list', 'pass the next_cursor of the previous page');
}

function decoded(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

/** By id, open or closed; null where there is none. */
export async function findLeak(connection: SqlConnection, id: number): Promise<Leak | null> {
  if (!isWhole(id, LAST_ID)) return null;
  const row = await firstRow<LeakTable>(connection, 'select * from leak where id = ?', [id]);
  return row === null ? null : toLeak(row);
}

/** The number of open leaks. */
export async function countOpenLeaks(connection: SqlConnection): Promise<number> {
  const row = await firstRow<{ n: number }>(
    connection,
    'select count(*) as n from leak where closed_at is null',
  );
  return row?.n ?? 0;
}

/** Closes an open leak. @param now epoch milliseconds */
export function closeLeak(connection: SqlConnection, id: number, now: number): Promise<void> {
  return connection.run('update leak set closed_at = ? where id = ? and closed_at is null', [now, id]);
}

/**
 * Converts a row.
 *
 * @throws CredctlError `integrity` for what no program of this version can have written
 */
export function toLeak(row: LeakTable): Leak {
  const handle = parseAnyHandle(row.handle);
  if (handle === null || handle.kind !== row.kind || !isSource(row.source)) throw altered('leak');
  return {
    id: row.id,
    handle: row.handle,
    kind: handle.kind,
    credentialId: row.credential_id,
    version: row.version,
    source: row.source,
    // A server's login writes them by itself, so they are made safe again.
    places: parseTexts(row.places, 'list of places').map(placeText),
    placeCount: row.place_count,
    firstFoundAt: time(row.first_found_at),
    lastFoundAt: time(row.last_found_at),
    closedAt: timeOrNull(row.closed_at),
  };
}

function isSource(text: string): text is LeakSource {
  return LEAK_SOURCES.some((source) => source === text);
}
