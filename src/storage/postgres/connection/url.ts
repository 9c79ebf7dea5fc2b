import { isIP } from 'node:net';
import { type CredctlError, usageError } from '../../../domain/errors.js';
import { isUndecodable, undecodable } from '../../../domain/text/utf8.js';
import { userName } from '../../../files/account.js';
import { type RequiredMethods, requiredMethods } from './login-methods.js';
import { passwordFor } from './pgpass.js';
import { type Tls, tlsOptions } from './tls-options.js';

/** The environment variables of a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Where a PostgreSQL database is, and how to log in to it. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly tls: Tls;
  /** Allowed authentication methods (`require_auth`); null when unset. */
  readonly required: RequiredMethods | null;
  /**
   * Channel binding: whether the login is tied to the TLS session where the server offers it (SCRAM-SHA-256-PLUS,
   * RFC 5802 §6).
   */
  readonly bindsChannel: boolean;
  readonly options: string | undefined;
  readonly applicationName: string;
  /** The password, looked up when the server asks for one; undefined when there is none. */
  readonly password: () => Promise<string | undefined>;
  /** The database as messages name it, never with its password. */
  readonly location: string;
}

/** Parameters of a URL's query, as libpq names them (PostgreSQL documentation, §34.1.2). */
const PARAMETERS = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'options',
  'channel_binding',
  'require_auth',
] as const;

type Parameter = (typeof PARAMETERS)[number];

/**
 * Parses a URL `postgres://[USER[:PASSWORD]@][HOST][:PORT][/DATABASE][?PARAMETER=VALUE…]`; defaults come from
 * PGHOST, PGPORT, PGUSER, PGDATABASE, PGSSLMODE and other variables of libpq.
 *
 * @throws CredctlError `usage` for anything else; the message never repeats the URL
 */
export function parsePostgresUrl(url: string, env: Environment): PostgresAddress {
  const { authority, parameters } = dissect(url);
  const host = parameters.get('host') || authority.host || env['PGHOST'] || 'localhost';
  const port = parsePort(parameters.get('port') || authority.port || env['PGPORT'] || '5432');
  const user = parameters.get('user') || authority.user || env['PGUSER'] || userName() || noUser();
  const database = parameters.get('dbname') || authority.database || env['PGDATABASE'] || user;
  const given = parameters.get('password') || authority.password;
  for (const text of [host, user, database]) {
    if (text.includes('\0')) throw malformed();
    if (isUndecodable(text)) throw undecodable('the name of the host, the user or the database');
  }
  // Names are shown in messages. A percent-encoded delimiter could make part of the password look like a name.
  if (!isHost(host) || DELIMITER.test(user) || DELIMITER.test(database)) throw malformed();
  return {
    host,
    port,
    user,
    database,
    tls: tlsOptions((name) => parameters.get(name), env, host),
    required: requiredMethods(parameters.get('require_auth') || env['PGREQUIREAUTH']),
    bindsChannel: bindsChannel(parameters.get('channel_binding') || 'disable'),
    options: parameters.get('options') || env['PGOPTIONS'],
    applicationName: parameters.get('application_name') || env['PGAPPNAME'] || 'credctl',
    password: async () => given || passwordFor({ host, port, database, user }, env),
    location: locationOf({ host, port, user, database }),
  };
}

interface Authority {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Characters that separate a password from the rest in some notation of a database's address. */
const DELIMITER = /[:;,=&?#]/;

function isHost(text: string): boolean {
  if (text.startsWith('/')) return !DELIMITER.test(text) && !text.includes('@');
  return /^[\p{L}\p{M}\p{N}._-]+$/u.test(text) || isIP(text) !== 0;
}

/** A name as it stands in a URL: letters, digits, `._~+$-`, and `%XX`. */
const NAME = String.raw`[\p{L}\p{M}\p{N}._~+$%-]*`;

const URL_OF_DATABASE = new RegExp(
  `^postgres(?:ql)?://(?:(${NAME})(?::([^/?#]*))?@)?` +
    String.raw`([^/?#@:[\]]*|\[[^\]/?#@[]*\])(?::(\d*))?(?:/(${NAME}))?(?:\?([^#]*))?$`,
  'iu',
);

function dissect(url: string): {
  readonly authority: Authority;
  readonly parameters: ReadonlyMap<Parameter, string>;
} {
  const found = URL_OF_DATABASE.exec(url);
  if (found === null) throw malformed();
  const [, user = '', password = '', host = '', port = '', path = '', query = ''] = found;
  return {
    authority: {
      host: decoded(host.replace(/^\[(.*)\]$/, '$1')),
      port,
      user: decoded(user),
      password: decoded(password),
      database: decoded(path),
    },
    parameters: parseQuery(query),
  };
}

function parseQuery(query: string): ReadonlyMap<Parameter, string> {
  const found = new Map<Parameter, string>();
  for (const part of query.split('&').filter((part) => part !== '')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    const parameter = PARAMETERS.find((known) => known === decoded(name));
    // The message does not name it: it could be the rest of a password with an unescaped character.
    if (parameter === undefined) {
      throw usageError(
        'the URL of the database has an unknown parameter',
        `known are ${PARAMETERS.join(', ')}`,
      );
    }
    found.set(parameter, decoded(value));
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw usageError(
    'the port of the database is not a number from 1 to 65535',
    'write it after the host: HOST:5432',
  );
}

/**
 * `require` is not offered, since the driver cannot enforce it: it would still answer a request for a plain
 * password.
 */
function bindsChannel(wish: string): boolean {
  if (wish === 'prefer' || wish === 'disable') return wish === 'prefer';
  throw usageError(
    'the channel_binding of the database is not one that is offered',
    'use channel_binding=prefer or disable; sslmode=verify-full makes sure of the server',
  );
}

function locationOf(place: Pick<PostgresAddress, 'host' | 'port' | 'user' | 'database'>): string {
  const [user, database] = [encodeURIComponent(place.user), encodeURIComponent(place.database)];
  const port = place.port === 5432 ? '' : `:${place.port}`;
  if (place.host.startsWith('/')) return `postgres://${user}@${port}/${database}?host=${place.host}`;
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  return `postgres://${user}@${host}${port}/${database}`;
}

function noUser(): never {
  throw usageError(
    'the URL of the database names no user, and the account that this runs under has no name',
    'name the user in the URL, postgres://USER@HOST/DATABASE, or in PGUSER',
  );
}

function malformed(): CredctlError {
  return usageError(
    'the URL of the database is malformed',
    'write postgres://USER@HOST:5432/DATABASE; other characters of a name or a password as %XX',
  );
}
