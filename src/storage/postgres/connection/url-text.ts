import { type CredctlError, usageError } from '../../../domain/errors.js';
import { quote } from '../../../domain/text/quote.js';

/** Parameters of a URL's query and of a service file, as libpq names them (PostgreSQL documentation, §34.1.2). */
export const PARAMETERS = [
  'host',
  'hostaddr',
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
  'connect_timeout',
  'target_session_attrs',
  'channel_binding',
  'require_auth',
  'service',
] as const;

/** One of {@link PARAMETERS}. */
export type Parameter = (typeof PARAMETERS)[number];

/**
 * Parameters that other programs know. A refusal names these alone: any other name may be the rest of a password
 * with an unescaped character.
 */
const KNOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  // libpq
  ...['client_encoding', 'fallback_application_name', 'gssdelegation', 'gssencmode', 'gsslib'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'krbsrvname'],
  ...['load_balance_hosts', 'max_protocol_version', 'min_protocol_version', 'passfile', 'replication'],
  ...['requirepeer', 'requiressl', 'scram_client_key', 'scram_server_key', 'servicefile', 'sslcertmode'],
  ...['sslcompression', 'sslcrl', 'sslcrldir', 'sslkeylogfile', 'sslnegotiation', 'sslpassword', 'sslsni'],
  ...['ssl_max_protocol_version', 'ssl_min_protocol_version', 'tcp_user_timeout'],
  // Drivers, poolers and hosters
  ...['allowPublicKeyRetrieval', 'charset', 'connectTimeout', 'connection_limit', 'connection_timeout'],
  ...['currentSchema', 'database', 'encoding', 'endpoint', 'idle_timeout', 'lock_timeout', 'max_connections'],
  ...['pgbouncer', 'pool_mode', 'pool_size', 'pool_timeout', 'prepareThreshold', 'prepared_statements'],
  ...['query_timeout', 'schema', 'search_path', 'serverVersion', 'socketTimeout', 'socket_timeout', 'ssl'],
  ...['sslaccept', 'sslfactory', 'sslidentity', 'statement_cache_size', 'statement_timeout', 'timezone'],
  ...['uselibpqcompat', 'username'],
]);

/** The part of a URL between `//` and `?`. */
export interface Authority {
  /** One or several, as they stand between commas; empty where it is left open. */
  readonly hosts: readonly string[];
  /** One for each host; empty where it is left open. */
  readonly ports: readonly string[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A name as it stands in a URL: letters, digits, `._~+$-`, and `%XX`. */
const NAME = String.raw`[\p{L}\p{M}\p{N}._~+$%-]*`;

const HOST_AND_PORT = String.raw`(?:[^/?#@:[\],]*|\[[^\]/?#@[]*\])(?::\d*)?`;

const URL_OF_DATABASE = new RegExp(
  `^postgres(?:ql)?://(?:(${NAME})(?::([^/?#]*))?@)?(${HOST_AND_PORT}(?:,${HOST_AND_PORT})*)` +
    String.raw`(?:/(${NAME}))?(?:\?([^#]*))?$`,
  'iu',
);

/**
 * Takes a URL apart.
 *
 * @throws CredctlError `usage`; the message repeats nothing of it but the name of a parameter that other programs know
 */
export function dissect(url: string): {
  readonly authority: Authority;
  readonly parameters: ReadonlyMap<Parameter, string>;
} {
  const found = URL_OF_DATABASE.exec(url);
  if (found === null) throw malformed();
  const [, user = '', password = '', places = '', path = '', query = ''] = found;
  const parts = places.split(',').map((place) => /^(.*?)(?::(\d*))?$/s.exec(place) ?? []);
  return {
    authority: {
      hosts: parts.map(([, host = '']) => decoded(host.replace(/^\[(.*)\]$/, '$1'))),
      ports: parts.map(([, , port = '']) => port),
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
    found.set(knownParameter(decoded(name), 'the URL of the database'), decoded(value));
  }
  return found;
}

/**
 * The parameter of a name.
 *
 * @param where what has it, for the message
 * @throws CredctlError `usage` for any other name
 */
export function knownParameter(name: string, where: string): Parameter {
  const parameter = PARAMETERS.find((known) => known === name);
  if (parameter !== undefined) return parameter;
  throw usageError(
    KNOWN_ELSEWHERE.has(name)
      ? `the parameter ${quote(name)} is unknown in ${where}`
      : `${where} has an unknown parameter`,
    `leave it out; these are known: ${PARAMETERS.join(', ')}`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

/** The error for what is no URL of a database. */
export function malformed(): CredctlError {
  return usageError(
    'the URL of the database is malformed',
    'write postgres://USER@HOST:5432/DATABASE; other characters of a name or a password as %XX',
  );
}
