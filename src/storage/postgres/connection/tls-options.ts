import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { CredctlError, usageError } from '../../../domain/errors.js';
import { errno } from '../../../files/errno.js';

/** The TLS of a connection. */
export interface Tls {
  readonly ssl: ConnectionOptions | false;
  /** Whether the connection goes on without TLS where the server has none. */
  readonly isPreference: boolean;
  /** Whether it was said that there is none: what goes over it goes in clear. */
  readonly isDeclined: boolean;
}

/** What there may be of TLS in a URL. */
export type TlsParameter = 'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey';

const CERTIFICATES = ['sslrootcert', 'sslcert', 'sslkey'] as const;

/**
 * The TLS that `sslmode` asks for, in the URL or in PGSSLMODE. `require` checks the server's certificate too: a connection that
 * anybody can answer protects nothing. A URL that names certificates means them to be used. Where nothing is said, TLS is
 * tried first, as libpq prefers; never over a Unix socket.
 *
 * @param parameter what the URL says, if anything
 */
export function tlsOptions(
  parameter: (name: TlsParameter) => string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  host: string,
): Tls {
  const read = (name: TlsParameter): string | undefined => {
    const path = parameter(name) || env[`PG${name.toUpperCase()}`];
    return path ? readTextFile(path, name) : undefined;
  };
  const fromEnvironment = env['PGSSLMODE'];
  const isWish = fromEnvironment === 'prefer' || fromEnvironment === 'allow';
  const isCertified = CERTIFICATES.some((name) => parameter(name));
  const said = parameter('sslmode') || (isWish ? undefined : fromEnvironment);
  const mode = said || (isCertified ? 'verify-full' : 'prefer');
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

/** Whoever could show a wrong certificate could as well say that there is no TLS; see {@link answerable}. */
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
        'the sslmode of the database is not one that is offered',
        'use sslmode=disable, prefer, require, verify-ca, verify-full or no-verify',
      );
  }
}

/** The path is not named: it is a part of the URL, and of one that is wrong it may be anything. */
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
