import { type Credential, credentialStatus } from '../../domain/credential/credential.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import { relativeTime } from '../../domain/text/relative-time.js';
import { type Cell, type Column, NEVER_CUT } from './cells/column.js';
import { scopesCell } from './cells/scopes.js';
import { STATUS } from './status.js';
import { timeOrNull } from './views.js';

/** The columns of `list`. */
export const CREDENTIAL_COLUMNS: readonly Column[] = [
  { title: 'NAME', importance: 0, least: 24, isName: true },
  { title: 'TYPE', importance: 4, least: 7 },
  STATUS,
  { title: 'SCOPES', importance: 2, least: 12 },
  { title: 'OWNER', importance: 3, least: 6, isName: true },
  { title: 'CREATED', importance: 7, least: NEVER_CUT },
  { title: 'LAST USED', importance: 5, least: NEVER_CUT },
  { title: 'EXPIRES', importance: 6, least: NEVER_CUT },
];

/** A row of `list` for other programs: exact times, all scopes. */
export function exactRow(credential: Credential, now: number): readonly string[] {
  return [
    ...namedCells(credential, now),
    credential.scopes.join(','),
    credential.owner?.name ?? '',
    timeOrNull(credential.createdAt) ?? '',
    timeOrNull(credential.lastUsedAt) ?? '',
    timeOrNull(credential.expiresAt) ?? '',
  ];
}

/** A row of `list` on a terminal: relative times, scopes as they fit. */
export function rowForPeople(credential: Credential, catalog: Catalog, now: number): readonly Cell[] {
  const relative = (time: number | null): string => (time === null ? 'never' : relativeTime(time, now));
  return [
    ...namedCells(credential, now),
    scopesCell(catalog, credential.scopes),
    credential.owner?.name ?? '',
    relative(credential.createdAt),
    relative(credential.lastUsedAt),
    relative(credential.expiresAt),
  ];
}

function namedCells(credential: Credential, now: number): readonly string[] {
  return [credential.name, credential.type, credentialStatus(credential, now)];
}
