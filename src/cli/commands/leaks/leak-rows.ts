import { formatInstant } from '../../../domain/duration.js';
import type { Leak } from '../../../domain/leak/leak.js';
import { relativeTime } from '../../../domain/text/relative-time.js';
import type { LeakedSecret } from '../../../usecases/leak/list-leaks.js';
import { type Column, NEVER_CUT } from '../../render/cells/column.js';
import { STATE } from '../../render/status.js';
import { timeOrNull } from '../../render/views.js';

/** The columns of `leaks`. */
export const LEAK_COLUMNS: readonly Column[] = [
  { title: 'ID', importance: 0, least: NEVER_CUT },
  {
    title: 'LIVE',
    importance: 1,
    least: NEVER_CUT,
    paint: (cell, style) => (cell.trim() === 'yes' ? style.red(cell) : cell),
  },
  { title: 'CREDENTIAL', importance: 0, least: 16, isName: true },
  { title: 'VERSION', importance: 3, least: NEVER_CUT },
  STATE,
  { title: 'OWNER', importance: 5, least: 6, isName: true },
  { title: 'LAST USED', importance: 6, least: NEVER_CUT },
  { title: 'SOURCE', importance: 7, least: NEVER_CUT },
  { title: 'FOUND', importance: 4, least: NEVER_CUT },
  { title: 'PLACES', importance: 2, least: 16 },
  { title: 'HANDLE', importance: 8, least: NEVER_CUT },
];

/** Shown where closed leaks are listed too. */
export const CLOSED: Column = { title: 'CLOSED', importance: 4, least: NEVER_CUT };

/** A row for other programs: exact times, every place that is kept. */
export function exactLeakRow(leaked: LeakedSecret): readonly string[] {
  const { leak, lastUsedAt } = leaked;
  return [
    ...namedCells(leaked),
    timeOrNull(lastUsedAt) ?? '',
    leak.source,
    formatInstant(leak.lastFoundAt),
    leak.places.join(', '),
    leak.handle,
    timeOrNull(leak.closedAt) ?? '',
  ];
}

/** A row on a terminal: relative times, the first place and how many more there are. */
export function leakRowForPeople(leaked: LeakedSecret, now: number): readonly string[] {
  const { leak, lastUsedAt } = leaked;
  return [
    ...namedCells(leaked),
    lastUsedAt === null ? 'never' : relativeTime(lastUsedAt, now),
    leak.source,
    relativeTime(leak.lastFoundAt, now),
    firstPlace(leak),
    leak.handle,
    leak.closedAt === null ? '' : relativeTime(leak.closedAt, now),
  ];
}

/** A leak in JSON documents. */
export function leakView({ leak, isLive, state, credential, lastUsedAt, lastUsedFrom }: LeakedSecret) {
  return {
    id: leak.id,
    handle: leak.handle,
    kind: leak.kind,
    source: leak.source,
    live: isLive,
    state,
    credential,
    version: leak.version,
    last_used_at: timeOrNull(lastUsedAt),
    last_used_from: lastUsedFrom,
    places: leak.places,
    place_count: leak.placeCount,
    first_found_at: formatInstant(leak.firstFoundAt),
    last_found_at: formatInstant(leak.lastFoundAt),
    closed_at: timeOrNull(leak.closedAt),
  };
}

/** What has leaked, in words: `an access token of ci-bot`, or `version 2 of ci-bot`. */
export function describeLeaked({ leak, credential }: LeakedSecret): string {
  if (credential === null) return leak.handle;
  const of = credential.name ?? credential.id;
  return leak.kind === 'tok' ? `an access token of ${of}` : `version ${leak.version} of ${of}`;
}

function namedCells({ leak, isLive, state, credential }: LeakedSecret): readonly string[] {
  return [
    String(leak.id),
    isLive === null ? 'unknown' : isLive ? 'yes' : 'no',
    credential?.name ?? credential?.id ?? '',
    leak.version === null ? '' : String(leak.version),
    state ?? '',
    credential?.owner ?? '',
  ];
}

function firstPlace({ places, placeCount }: Leak): string {
  const [first] = places;
  if (first === undefined) return '';
  return placeCount > 1 ? `${first} and ${placeCount - 1} more` : first;
}
