import { CredctlError } from '../../../domain/errors.js';
import {
  isConnectionLost,
  isOfAnotherProtocol,
  isRefusedLogin,
  isTimeout,
  lacksTls,
  sqlStateOf,
} from '../fault.js';
import type { Tls } from './tls-options.js';
import type { PostgresAddress, PostgresHost } from './url.js';

/** The host that connections are made to at present, and how. */
export interface Route {
  readonly host: PostgresHost;
  readonly ssl: Tls['ssl'];
}

/** The route to a host as its settings prefer it. */
export function routeTo(host: PostgresHost): Route {
  return { host, ssl: host.tls.ssl };
}

/**
 * The route to try after one that failed: the same host without TLS where it offers none and TLS was a preference,
 * else the next host; null where the fault would be the same on another route.
 */
export function routeAfter(fault: unknown, { host, ssl }: Route, { hosts }: PostgresAddress): Route | null {
  if (host.tls.isPreference && ssl !== false && lacksTls(fault)) return { host, ssl: false };
  if (hosts.length === 1 || !isOfHost(fault)) return null;
  return routeTo(hosts[(hosts.indexOf(host) + 1) % hosts.length] ?? host);
}

/**
 * The route of later connections after a refused login: a server that had no TLS may have enabled it since, and
 * refuse logins without. Null where it stays as it is.
 */
export function routeAfterRefusal(fault: unknown, { host, ssl }: Route): Route | null {
  return host.tls.isPreference && ssl === false && isRefusedLogin(fault) ? routeTo(host) : null;
}

/** Whether another host may answer otherwise, as one of a login or a database does not (libpq stops there, too). */
function isOfHost(fault: unknown): boolean {
  // No connection of the pool was free: the host is well.
  if (fault instanceof Error && fault.message === 'timeout exceeded when trying to connect') return false;
  if (fault instanceof CredctlError) return fault.code === 'store_unavailable';
  if (isOfAnotherProtocol(fault)) return true;
  return isConnectionLost(fault) || isTimeout(fault) || sqlStateOf(fault) === '53300';
}
