import { usageError } from '../../../domain/errors.js';
import { readOnly, standby } from './diagnosis.js';

/** What a session must be able to do (`target_session_attrs`): `primary` leaves out standbys, `read-write` more. */
export type SessionTarget = 'any' | 'primary' | 'read-write';

/**
 * Parses `target_session_attrs`. Where several hosts are named and nothing is said, a session must be writable: on a
 * standby, what was revoked a moment ago would still be good.
 *
 * @throws CredctlError `usage` for other values, those of libpq that prefer standbys among them
 */
export function sessionTarget(wish: string | undefined, hosts: number): SessionTarget {
  if (!wish) return hosts > 1 ? 'read-write' : 'any';
  if (wish === 'any' || wish === 'primary' || wish === 'read-write') return wish;
  throw usageError(
    'the target_session_attrs of the database is unknown or not supported',
    'use target_session_attrs=read-write, primary or any: a store cannot be used on a standby',
  );
}

/** What the server says of a session. */
export interface SessionState {
  readonly is_standby: string;
  readonly is_read_only: string;
}

/** @throws CredctlError `store_unavailable` where the session is not what was asked for */
export function requireTarget(target: SessionTarget, state: SessionState, location: string): void {
  if (target === 'any') return;
  if (state.is_standby !== 'false') throw standby(location);
  if (target === 'read-write' && state.is_read_only !== 'off') throw readOnly(location);
}
