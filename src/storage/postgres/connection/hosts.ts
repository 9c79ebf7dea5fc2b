import { isIP } from 'node:net';
import { usageError } from '../../../domain/errors.js';
import { isUndecodable, undecodable } from '../../../domain/text/utf8.js';
import { malformed } from './url-text.js';

/** A server that connections may be made to. */
export interface HostPlace {
  /** Name, IP address, or the directory of a Unix socket. */
  readonly host: string;
  /** The IP address to connect to instead of looking the name up; null for none. */
  readonly address: string | null;
  readonly port: number;
}

/** Hosts, addresses and ports as texts; each list may be empty. */
export interface HostTexts {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly ports: readonly string[];
}

/** The hosts to be tried in order. */
export type HostPlaces = readonly [HostPlace, ...HostPlace[]];

/** Characters that separate a password from the rest in some notation of a database's address. */
export const DELIMITER = /[:;,=&?#]/;

/**
 * Pairs hosts with their addresses and ports as libpq does: there is one address for each host, and one port for each
 * or one for all. `localhost` stands for no host at all.
 *
 * @throws CredctlError `usage`; the message repeats none of them
 */
export function hostPlaces({ hosts, addresses, ports }: HostTexts): HostPlaces {
  const named = [hosts, addresses, ['localhost']].find((list) => list.length > 0) ?? [];
  if (addresses.length > 0 && addresses.length !== named.length) {
    throw usageError(
      'the URL of the database has different numbers of hosts and addresses',
      'give one hostaddr for each host, separated by commas',
    );
  }
  if (ports.length > 1 && ports.length !== named.length) {
    throw usageError(
      'the URL of the database has different numbers of hosts and ports',
      'give one port for each host, separated by commas, or one for all',
    );
  }
  const [first, ...others] = named.map((host, index) => ({
    host: checkedHost(host),
    address: addresses.length === 0 ? null : checkedAddress(addresses[index] ?? ''),
    port: parsePort((ports.length === 1 ? ports[0] : ports[index]) || '5432'),
  }));
  if (first === undefined) throw malformed();
  return [first, ...others];
}

/** A text of hosts, addresses or ports with commas between them. */
export function listOf(text: string | undefined): readonly string[] {
  return text ? text.split(',') : [];
}

/**
 * Names are shown in messages. A percent-encoded delimiter could make part of the password look like a name.
 */
function checkedHost(text: string): string {
  if (isUndecodable(text)) throw undecodable('the name of the host, the user or the database');
  const isDirectory = text.startsWith('/');
  const isPlain = isDirectory
    ? !DELIMITER.test(text) && !text.includes('@') && !text.includes('\0')
    : /^[\p{L}\p{M}\p{N}._-]+$/u.test(text) || isIP(text) !== 0;
  if (!isPlain) throw malformed();
  return text;
}

function checkedAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw usageError(
    'the hostaddr of the database is not an IP address',
    'write an address such as 192.0.2.7, and the name of the server as its host',
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw usageError(
    'the port of the database is not a number from 1 to 65535',
    'write it after the host: HOST:5432',
  );
}
