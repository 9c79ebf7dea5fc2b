import { BlockList, isIPv6 } from 'node:net';
import { usageError } from '../../../domain/errors.js';

/** The ways in which a server can ask who connects, as `require_auth` of libpq calls them (PostgreSQL documentation, §34.1.2). */
const METHODS = ['password', 'md5', 'scram-sha-256', 'none'] as const;

export type LoginMethod = (typeof METHODS)[number];

/** Which of them are answered. */
export interface RequiredMethods {
  readonly allowed: ReadonlySet<string>;
  /** Whether each is named that may be used, and not those that may not. */
  readonly isList: boolean;
}

/** Ways that libpq knows and this program does not offer: a list may name them for the sake of other programs. */
const OTHER_METHODS = ['gss', 'sspi', 'oauth'];

/** Reads `require_auth`: names with commas between them, all of them with `!` before them or none. */
export function requiredMethods(text: string | undefined): RequiredMethods | null {
  if (!text) return null;
  const names = text.split(',');
  const negated = names.filter((name) => name.startsWith('!'));
  const named = names.map((name) => name.replace(/^!/, ''));
  const known: readonly string[] = [...METHODS, ...OTHER_METHODS];
  const isList = negated.length === 0;
  if ((!isList && negated.length < names.length) || named.some((name) => !known.includes(name))) {
    throw usageError(
      'the require_auth of the database is not one that is offered',
      `name ${METHODS.join(', ')}, with commas between them, or each with ! before it to rule it out`,
    );
  }
  const given = new Set(named);
  return { isList, allowed: isList ? given : new Set(known.filter((name) => !given.has(name))) };
}

/** How a server is connected to. */
export interface Line {
  readonly isEncrypted: boolean;
  /** Whether the certificate was checked, and is good. */
  readonly isVerified: boolean;
  /** A Unix socket, or an address of this machine that no network leads to. */
  readonly isLocal: boolean;
  /** Whether `sslmode=disable` was said. */
  readonly isDeclined: boolean;
}

/** Why a request is not answered. */
export type Unanswerable = 'ruled-out' | 'in-clear' | 'unverified';

/**
 * Whether a server's request may be answered. What a password or its MD5 is sent over must keep it from others: SCRAM alone
 * gives nothing away to whoever reads along or answers in the server's place (RFC 5802 §9).
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

/** Whether an address of a socket that is connected is this machine's own, whatever its name is. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return LOOPBACK.check(mapped);
  return LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
