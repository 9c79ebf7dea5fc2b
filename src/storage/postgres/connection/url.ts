import { usageError } from '../../../domain/errors.js';
import { isUndecodable, undecodable } from '../../../domain/text/utf8.js';
import { userName } from '../../../files/account.js';
import { DELIMITER, type HostPlace, type HostPlaces, hostPlaces, listOf } from './hosts.js';
import { type RequiredMethods, requiredMethods } from './login-methods.js';
import { passwordFor } from './pgpass.js';
import { serviceParameters } from './service-file.js';
import { type SessionTarget, sessionTarget } from './session-target.js';
import { type Tls, tlsOptions } from './tls-options.js';
import { dissect, malformed, type Parameter } from './url-text.js';

/** The environment variables of a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/** A server of a database, and how to log in to it. */
export interface PostgresHost extends HostPlace {
  readonly tls: Tls;
  /** The password, looked up when the server asks for one; undefined when there is none. */
  readonly password: () => Promise<string | undefined>;
}

/**
 * Channel binding (`channel_binding`): whether the login is tied to the TLS session (SCRAM-SHA-256-PLUS, RFC 5802 §6)
 * never, where the server offers it, or always.
 */
export type ChannelBinding = 'disable' | 'prefer' | 'require';

/** Where a PostgreSQL database is, and how to log in to it. */
export interface PostgresAddress {
  /** Tried in this order. */
  readonly hosts: readonly [PostgresHost, ...PostgresHost[]];
  readonly target: SessionTarget;
  /** Seconds for a connection to one host (`connect_timeout`); null when unset. */
  readonly connectSeconds: number | null;
  readonly user: string;
  readonly database: string;
  /** Allowed authentication methods (`require_auth`); null when unset. */
  readonly required: RequiredMethods | null;
  readonly channelBinding: ChannelBinding;
  readonly options: string | undefined;
  readonly applicationName: string;
  /** The database as messages name it, never with its password; of several hosts, the first. */
  readonly location: string;
}

/** The variables of libpq (PostgreSQL documentation, §34.15). */
const VARIABLES: Readonly<Partial<Record<Parameter, string>>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  user: 'PGUSER',
  dbname: 'PGDATABASE',
  application_name: 'PGAPPNAME',
  options: 'PGOPTIONS',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  channel_binding: 'PGCHANNELBINDING',
  require_auth: 'PGREQUIREAUTH',
  service: 'PGSERVICE',
};

/**
 * Parses a URL `postgres://[USER[:PASSWORD]@][HOST][:PORT][,…][/DATABASE][?PARAMETER=VALUE…]`. What it leaves open comes
 * from the service that it or PGSERVICE names, then from PGHOST, PGPORT, PGUSER, PGDATABASE, PGSSLMODE and other
 * variables of libpq.
 *
 * @throws CredctlError `usage` for anything else; the message never repeats the URL
 */
export function parsePostgresUrl(url: string, env: Environment): PostgresAddress {
  const { authority, parameters } = dissect(url);
  const variable = (name: Parameter) => env[VARIABLES[name] ?? ''];
  const service = serviceParameters(parameters.get('service') || variable('service'), env);
  const said = (name: Parameter, inAuthority = '') =>
    parameters.get(name) || inAuthority || service.get(name) || undefined;
  const setting = (name: Parameter, inAuthority = '') => said(name, inAuthority) || variable(name);
  const user = setting('user', authority.user) || userName() || noUser();
  const database = setting('dbname', authority.database) || user;
  for (const text of [user, database]) {
    if (text.includes('\0')) throw malformed();
    if (isUndecodable(text)) throw undecodable('the name of the host, the user or the database');
    if (DELIMITER.test(text)) throw malformed();
  }
  const [hosts, addresses] = [said('host', listed(authority.hosts)), said('hostaddr')];
  // An address in a variable belongs to the host in a variable, and not to one that is named here.
  const isOpen = hosts === undefined && addresses === undefined;
  const places = hostPlaces({
    hosts: listOf(isOpen ? variable('host') : hosts),
    addresses: listOf(isOpen ? variable('hostaddr') : addresses),
    ports: listOf(setting('port', listed(authority.ports))),
  });
  const given = said('password', authority.password);
  const hostOf = (place: HostPlace): PostgresHost => ({
    ...place,
    tls: tlsOptions(said, env, place.host),
    password: async () => given || passwordFor({ host: place.host, port: place.port, database, user }, env),
  });
  const [first, ...others] = places;
  return {
    hosts: [hostOf(first), ...others.map(hostOf)],
    target: sessionTarget(setting('target_session_attrs'), places.length),
    connectSeconds: connectSeconds(setting('connect_timeout')),
    user,
    database,
    required: requiredMethods(setting('require_auth')),
    channelBinding: channelBinding(setting('channel_binding') || 'disable'),
    options: setting('options'),
    applicationName: setting('application_name') || 'credctl',
    location: locationOf(places, user, database),
  };
}

/** The parts of an authority as one text; empty where each is. */
function listed(texts: readonly string[]): string {
  return texts.some((text) => text !== '') ? texts.join(',') : '';
}

/** `0` and less mean no limit of its own, as in libpq. */
function connectSeconds(text: string | undefined): number | null {
  if (!text) return null;
  if (/^-?\d{1,6}$/.test(text.trim())) return Number(text) > 0 ? Number(text) : null;
  throw usageError(
    'the connect_timeout of the database is not a number of seconds',
    'write seconds without a unit: connect_timeout=10',
  );
}

function channelBinding(wish: string): ChannelBinding {
  if (wish === 'disable' || wish === 'prefer' || wish === 'require') return wish;
  throw usageError(
    'the channel_binding of the database is unknown',
    'use channel_binding=require, prefer or disable',
  );
}

/** Of several hosts the first is named: in a list of another notation, a password could stand among them. */
function locationOf([{ host, port }, ...others]: HostPlaces, user: string, database: string): string {
  const [userText, databaseText] = [encodeURIComponent(user), encodeURIComponent(database)];
  const portText = port === 5432 ? '' : `:${port}`;
  const more = others.length === 0 ? '' : ',…';
  if (host.startsWith('/')) return `postgres://${userText}@${portText}/${databaseText}?host=${host}${more}`;
  const hostText = host.includes(':') ? `[${host}]` : host;
  return `postgres://${userText}@${hostText}${portText}${more}/${databaseText}`;
}

function noUser(): never {
  throw usageError(
    'the URL of the database has no user, and your account has no name',
    'give the user in the URL, postgres://USER@HOST/DATABASE, or in PGUSER',
  );
}
