import { BlockList, isIPv6 } from 'node:net';
import { usageError } from '../../../domain/errors.js';

/** Authentication methods, as libpq's `require_auth` names them (PostgreSQL documentation, §34.1.2). */
const METHODS = ['password', 'md5', 'scram-sha-256', 'none'] as const;

/** An authentication method that the driver implements. */
export type LoginMethod = (typeof METHODS)[number];

/** Which methods are answered. */
export interface RequiredMethods {
  readonly allowed: ReadonlySet<string>;
  /** Whether the setting lists the allowed methods, rather than the excluded ones. */
  readonly isList: boolean;
}

/** Methods of libpq that this program does not implement: a list may name them for other programs. */
const OTHER_METHODS = ['gss', 'sspi', 'oauth'];

/**
 * Parses `require_auth`: names separated by commas, either all or none of them prefixed with `!`.
 *
 * @throws CredctlError `usage` for unknown names, or where only some of them are prefixed
 */
export function requiredMethods(text: string | undefined): RequiredMethods | null {
  if (!text) return null;
  const names = text.split(',');
  const negated = names.filter((name) => name.startsWith('!'));
  const named = names.map((name) => name.replace(/^!/, ''));
  const known: readonly string[] = [...METHODS, ...OTHER_METHODS];
  const isList = negated.length === 0;
  if ((!isList && negated.length < names.length) || named.some((name) => !known.includes(name))) {
    throw usageError(
      'the require_auth of the database is unknown',
      `use ${METHODS.join(', ')}, separated by commas; put ! before each to forbid it`,
    );
  }
  const given = new Set(named);
  return { isList, allowed: isList ? given : new Set(known.filter((name) => !given.has(name))) };
}

/** The security of a connection. */
export interface Line {
  readonly isEncrypted: boolean;
  /** Whether the server's certificate was verified. */
  readonly isVerified: boolean;
  /** A Unix socket or a loopback address, which no network traffic reaches. */
  readonly isLocal: boolean;
  /** Whether `sslmode=disable` was given. */
  readonly isDeclined: boolean;
}

/** Why a request is not answered. */
export type Unanswerable = 'ruled-out' | 'in-clear' | 'unverified';

/**
 * Whether a server's request may be answered; null when it may. A password or its MD5 needs a connection that is
 * protected from eavesdropping and impersonation. SCRAM alone discloses nothing to either (RFC 5802 §9).
 */
export function answerable(
  method: LoginMethod,
  line: Line,
  required: RequiredMethods | null,
): Unanswerable | null {
  if (required !== null && !required.allowed.has(method)) return 'ruled-out';
  if (method === 'scram-sha-256' || method === 'none' || line.isLocal) return null;
  if (!line.isEncrypted) return line.isDeclined ? null : 'in-clear';
  return line.isVerified || required?.isList === true ? null : 'unverified';
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a connected socket's address is a loopback address, IPv4-mapped IPv6 included. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return LOOPBACK.check(mapped);
  return LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
