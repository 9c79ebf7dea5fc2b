import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { CredctlError, usageError } from '../../../domain/errors.js';
import { errno } from '../../../files/errno.js';

/** The TLS settings of a connection. */
export interface Tls {
  readonly ssl: ConnectionOptions | false;
  /** Whether to continue without TLS where the server offers none. */
  readonly isPreference: boolean;
  /** Whether TLS was explicitly declined, so passwords may be sent in the clear. */
  readonly isDeclined: boolean;
}

/** TLS parameters of a URL. */
export type TlsParameter = 'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey';

const CERTIFICATES = ['sslrootcert', 'sslcert', 'sslkey'] as const;

/**
 * The TLS that `sslmode` asks for, in the URL or in PGSSLMODE. `require` verifies the server's certificate too,
 * since TLS without that does not prevent impersonation. Certificates named in the URL imply `verify-full`, and so do
 * the authorities that Node.js trusts (`sslrootcert=system`). By default TLS is tried first, as with libpq's
 * `prefer`; never over a Unix socket.
 *
 * @param parameter the value of a parameter in the URL or its service, if any
 * @throws CredctlError `usage` for an unknown `sslmode`, or one that is too weak for `sslrootcert=system`;
 *   `store_unavailable` for an unreadable file
 */
export function tlsOptions(
  parameter: (name: TlsParameter) => string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  host: string,
): Tls {
  const pathOf = (name: TlsParameter) => parameter(name) || env[`PG${name.toUpperCase()}`];
  const read = (name: TlsParameter): string | undefined => {
    const path = pathOf(name);
    return path && !isSystem(name, path) ? readTextFile(path, name) : undefined;
  };
  const trustsSystem = isSystem('sslrootcert', pathOf('sslrootcert'));
  const fromEnvironment = env['PGSSLMODE'];
  const isWish = fromEnvironment === 'prefer' || fromEnvironment === 'allow';
  const isCertified = CERTIFICATES.some((name) => parameter(name));
  const said = parameter('sslmode') || (isWish ? undefined : fromEnvironment);
  const mode = said || (isCertified || trustsSystem ? 'verify-full' : 'prefer');
  if (trustsSystem && mode !== 'verify-full' && mode !== 'require') throw weak();
  if (mode === 'disable') return { ssl: false, isPreference: false, isDeclined: true };
  if (mode === 'prefer') {
    const isSocket = host.startsWith('/');
    return { ssl: isSocket ? false : UNVERIFIED, isPreference: !isSocket, isDeclined: false };
  }
  const [ca, cert, key] = CERTIFICATES.map(read);
  const identity: ConnectionOptions = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  return { ssl: optionsFor(mode, identity), isPreference: false, isDeclined: false };
}

/** The authorities that Node.js trusts, as libpq calls those of the system. They are the driver's default. */
function isSystem(name: TlsParameter, value: string | undefined): boolean {
  return name === 'sslrootcert' && value === 'system';
}

/** Public authorities certify any name to its holder, so that the name has to be checked. */
function weak(): CredctlError {
  return usageError(
    'the sslmode of the database is too weak for sslrootcert=system',
    'use sslmode=verify-full, or leave it out',
  );
}

/**
 * Verification would add nothing here: an attacker who can present a wrong certificate can as well answer that
 * there is no TLS; see {@link answerable}.
 */
const UNVERIFIED: ConnectionOptions = { rejectUnauthorized: false };

function optionsFor(mode: string, identity: ConnectionOptions): ConnectionOptions {
  switch (mode) {
    case 'require':
    case 'verify-full':
      return identity;
    case 'verify-ca':
      return { ...identity, checkServerIdentity: () => undefined };
    case 'no-verify':
      return { ...identity, rejectUnauthorized: false };
    default:
      throw usageError(
        'the sslmode of the database is unknown or not supported',
        'use sslmode=disable, prefer, require, verify-ca, verify-full or no-verify',
      );
  }
}

/** The error does not name the path: it comes from the URL, which may contain the password if it is malformed. */
function readTextFile(path: string, parameter: TlsParameter): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CredctlError(
      'store_unavailable',
      `cannot read the file that ${parameter} names (${errno(cause) ?? 'no file'})`,
      {
        hint: 'check sslrootcert, sslcert and sslkey in the URL of the store',
        cause,
      },
    );
  }
}
