import { CredctlError, type ErrorCode } from '../../domain/errors.js';
import { codeOf } from '../../files/errno.js';
import type { Patience } from './connection/patience.js';

/** SQLSTATEs of a server that has ended the session, or is about to (PostgreSQL documentation, appendix A). */
const SESSION_ENDED = /^(?:08...|57P01|57P02|57P03|57P05|25P03|25P04)$/;

/** How a fault is reported: error code, fact about the database, and hint. */
type Meaning = readonly [
  code: ErrorCode,
  fact: (location: string, patience: Patience) => string,
  hint: string,
];

/** The hint for a password that is missing or wrong. */
export const CHECK_PASSWORD =
  'give the password in PGPASSWORD, in ~/.pgpass (mode 0600), or in the URL of the configuration file';
const FROM_BACKUP = 'keep a copy of the database and restore the store from a backup';
const SEE_SERVER = "look at the server's log, and try again";

/** By SQLSTATE; the first match counts. */
const MEANINGS: readonly (readonly [RegExp, Meaning])[] = [
  [
    /^(?:55P03|57014|40001|40P01)$/,
    [
      'store_unavailable',
      (location, { busySeconds }) => `${location} was busy for more than ${busySeconds} seconds`,
      'another session is using the store; try again',
    ],
  ],
  [
    /^25006$/,
    [
      'store_unavailable',
      (location) => `${location} is read-only`,
      'name the primary server, or let this login write',
    ],
  ],
  [
    /^(?:53100|53200|53400|54...)$/,
    [
      'store_unavailable',
      (location) => `no space left for ${location}`,
      'free some space on the server; nothing was changed',
    ],
  ],
  [
    /^53300$/,
    [
      'store_unavailable',
      (location) => `${location} accepts no more connections`,
      'end some of them, or raise max_connections',
    ],
  ],
  [
    /^3D000$/,
    [
      'store_unavailable',
      (location) => `the database of ${location} does not exist`,
      'check the URL, or create the database',
    ],
  ],
  [
    /^(?:42P01|42703|3F000)$/,
    ['integrity', (location) => `${location} lacks a part of the store`, FROM_BACKUP],
  ],
  [/^XX00[12]$/, ['integrity', (location) => `${location} is damaged`, FROM_BACKUP]],
  [
    /^(?:23505|23503)$/,
    [
      'conflict',
      (location) => `another command changed ${location} at the same moment`,
      'run the command again',
    ],
  ],
  [SESSION_ENDED, ['store_unavailable', (location) => `${location} ended the connection`, SEE_SERVER]],
  [/^XX/, ['store_unavailable', (location) => `${location} had an internal error`, SEE_SERVER]],
  [/^58/, ['store_unavailable', (location) => `${location} cannot read or write its files`, SEE_SERVER]],
];

/**
 * Maps what the driver threw to the error to report; a CredctlError is returned unchanged. No message repeats the
 * server's text, which could quote a row.
 *
 * @param location the database as messages name it
 * @param patience the timeouts that applied
 */
export function postgresFault(fault: unknown, location: string, patience: Patience): unknown {
  if (fault instanceof CredctlError || !(fault instanceof Error)) return fault;
  const state = sqlState(fault);
  if (state !== null) {
    const meaning = MEANINGS.find(([states]) => states.test(state))?.[1];
    if (meaning === undefined)
      return new Error(`the database answered with SQLSTATE ${state}`, { cause: fault });
    const [code, fact, hint] = meaning;
    return new CredctlError(code, fact(location, patience), { hint, cause: fault });
  }
  return networkFault(fault, location, patience) ?? fault;
}

function networkFault(fault: Error, location: string, { connectSeconds }: Patience): CredctlError | null {
  const unavailable = (fact: string, hint: string) =>
    new CredctlError('store_unavailable', `${location} ${fact}`, { hint, cause: fault });
  const code = networkCode(fault);
  const { message } = fault;
  if (message.includes('client password must be a')) {
    return new CredctlError('denied', `${location} asks for a password`, {
      hint: CHECK_PASSWORD,
      cause: fault,
    });
  }
  if (lacksTls(fault)) {
    return unavailable(
      'does not offer TLS',
      'turn on TLS at the server, or use sslmode=disable to connect without TLS',
    );
  }
  if (isOfAnotherProtocol(fault)) {
    return unavailable('does not answer like PostgreSQL', 'check the host and the port');
  }
  if (code !== null && /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO)/.test(code)) {
    return unavailable(
      `cannot be trusted (${code})`,
      "name the authority's certificate with sslrootcert=FILE in the URL",
    );
  }
  if (/read timeout/.test(message)) return unavailable('did not answer in time', SEE_SERVER);
  if (/timeout|timed out/i.test(message)) {
    return unavailable(
      `could not be reached within ${connectSeconds} seconds`,
      'check the host and the port',
    );
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || /^Connection terminated|not queryable/.test(message)) {
    return unavailable('ended the connection', SEE_SERVER);
  }
  if (code === null || !/^E[A-Z_]+$/.test(code)) return null;
  return unavailable(
    `cannot be reached (${code})`,
    'check the host, the port, and that the server is running',
  );
}

/** Whether the connection is lost, so that the last statement will never be answered. */
export function isConnectionLost(fault: unknown): boolean {
  if (!(fault instanceof Error) || fault instanceof CredctlError) return false;
  const state = sqlState(fault);
  if (state !== null) return SESSION_ENDED.test(state);
  return networkCode(fault) !== null || /^Connection terminated|not queryable|timeout/i.test(fault.message);
}

/** Whether a timeout of the driver expired. */
export function isTimeout(fault: unknown): boolean {
  return fault instanceof Error && sqlState(fault) === null && /timeout|timed out/i.test(fault.message);
}

/** Whether the fault is SQLSTATE insufficient_privilege. */
export function isForbidden(fault: unknown): boolean {
  return fault instanceof Error && sqlState(fault) === '42501';
}

/** Whether what answered is no PostgreSQL server: the first byte to a request for TLS (SSLRequest) is neither S nor N. */
export function isOfAnotherProtocol(fault: unknown): boolean {
  return fault instanceof Error && fault.message.includes('establishing an SSL connection');
}

/** Whether the server has answered that it offers no TLS. */
export function lacksTls(fault: unknown): boolean {
  return fault instanceof Error && fault.message.includes('does not support SSL');
}

/** Whether the server refused the login (SQLSTATE class 28). */
export function isRefusedLogin(fault: unknown): boolean {
  return fault instanceof Error && sqlState(fault)?.startsWith('28') === true;
}

/** Whether an SQLSTATE has a fixed meaning here, whatever statement it answers. */
export function hasMeaning(state: string): boolean {
  return MEANINGS.some(([states]) => states.test(state));
}

/** The SQLSTATE of an error or of its causes; null where there is none. */
export function sqlStateOf(fault: unknown): string | null {
  if (!(fault instanceof Error)) return null;
  return sqlState(fault) ?? sqlStateOf(fault.cause);
}

function sqlState(fault: Error): string | null {
  const code = codeOf(fault);
  return code !== null && /^[0-9A-Z]{5}$/.test(code) && 'severity' in fault ? code : null;
}

function networkCode(fault: Error): string | null {
  const code = codeOf(fault);
  if (code !== null) return code;
  const [first]: readonly unknown[] = fault instanceof AggregateError ? fault.errors : [];
  return first instanceof Error ? networkCode(first) : null;
}

/** Whether an error thrown by a session means that its connection is lost. */
export function wasLost(fault: unknown): boolean {
  return fault instanceof Error && isConnectionLost(fault.cause);
}

/** Whether an error thrown by a session was a timeout, after which the server is not asked again. */
export function wasAwaited(fault: unknown): boolean {
  return fault instanceof Error && isTimeout(fault.cause);
}
