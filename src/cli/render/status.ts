import type { ChalkInstance } from 'chalk';
import type { CredentialStatus } from '../../domain/credential/credential.js';
import type { VersionState } from '../../domain/credential/version.js';
import { type Column, NEVER_CUT } from './cells/column.js';

type Colour = 'green' | 'yellow' | 'red' | 'dim';

/** Green works, yellow works for a time, red has ended by time or was revoked, dim was stopped or is over. */
const COLOURS: Readonly<Record<CredentialStatus | VersionState, Colour>> = {
  active: 'green',
  inactive: 'dim',
  owner_inactive: 'dim',
  expired: 'red',
  canary: 'yellow',
  pending: 'yellow',
  current: 'green',
  retiring: 'yellow',
  retired: 'dim',
  revoked: 'red',
  lapsed: 'dim',
};

const COLOUR_OF: ReadonlyMap<string, Colour> = new Map(Object.entries(COLOURS));

/** Colours the status of a credential or an owner, or the state of a version; any other text stays as it is. */
export function paintState(text: string, style: ChalkInstance): string {
  const colour = COLOUR_OF.get(text);
  return colour === undefined ? text : style[colour](text);
}

/** The column of statuses, of credentials or of owners. */
export const STATUS: Column = { title: 'STATUS', importance: 1, least: NEVER_CUT, paint: paintState };

/** The column of states, of versions. */
export const STATE: Column = { ...STATUS, title: 'STATE' };
