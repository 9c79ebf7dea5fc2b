import type { AuditQuery, CredentialQuery, StoreReader } from '../../domain/ports/store-port.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { note } from '../session.js';
import type { TableFormat } from './rows.js';

/** Up to this many credentials are counted: PostgreSQL reads every row that it counts. */
const MAX_COUNTED = 1_000;

/** Why a listing is empty. */
export interface Emptiness {
  readonly text: string;
  /** Whether there is something that the filters leave out. */
  readonly isFiltered: boolean;
}

/**
 * Says why a listing is empty. Where a program reads, only that filters leave everything out: an empty store is no
 * surprise there.
 */
export function noteNothingFound(
  host: Host,
  globals: GlobalOptions,
  format: TableFormat,
  { text, isFiltered }: Emptiness,
): void {
  if (isFiltered || format === 'table') note(host, globals, text);
}

/** Why a listing of credentials is empty. */
export async function noCredentials(store: StoreReader, query: CredentialQuery): Promise<Emptiness> {
  const { now: _now, sort: _sort, limit: _limit, cursor, ...filters } = query;
  const count = (await store.credentialNames('', MAX_COUNTED + 1)).length;
  if (count === 0) return { text: "no credentials; create one with 'credctl create'", isFiltered: false };
  const all = count > MAX_COUNTED ? `more than ${MAX_COUNTED}` : String(count);
  return isNarrowed(filters)
    ? { text: `no credential matches (${all} in the store)`, isFiltered: true }
    : { text: afterCursor('credentials', cursor), isFiltered: true };
}

/** Why a listing of events is empty. */
export async function noEvents(store: StoreReader, query: AuditQuery): Promise<Emptiness> {
  const { limit: _, before, ...filters } = query;
  const [newest] = (await store.listAudit({ limit: 1 })).items;
  if (newest === undefined) return { text: 'no events', isFiltered: false };
  return isNarrowed(filters)
    ? { text: `no event matches (${newest.event.seq} in the trail)`, isFiltered: true }
    : { text: afterCursor('events', before), isFiltered: true };
}

function isNarrowed(filters: object): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}

function afterCursor(what: string, cursor: unknown): string {
  return cursor === undefined ? `no ${what}` : `no ${what} after this cursor`;
}
