import { isIP } from 'node:net';
import { usageError } from '../../domain/errors.js';
import { parseNetwork } from '../../domain/text/network.js';
import { quote } from '../../domain/text/quote.js';

/** The address to listen on; an IPv6 address may have the brackets that it has in URLs (RFC 3986 §3.2.2). */
export function parseAddress(text: string): string {
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return isIP(inner) === 6 ? inner : text;
}

/**
 * The URL that clients know a server by. An issuer has neither query nor fragment (RFC 8414 §2); the trailing slash is
 * removed so that paths can be appended.
 *
 * @throws CredctlError `usage` for anything else
 */
export function parsePublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && url.search === '' && url.hash === '' && url.username + url.password === '';
  if (url === null || !isPlain || !/^https?:$/.test(url.protocol) || /[?#]/.test(text)) {
    throw usageError(`${quote(text)} cannot be the public URL`, 'write it like https://auth.example.com');
  }
  return url.href.replace(/\/+$/, '');
}

/**
 * A name that requests may call the server by.
 *
 * @throws CredctlError `usage` for anything else, and for one with a port
 */
export function parseHost(text: string): string {
  if (/^(?:[0-9a-z_-]+\.)*[0-9a-z_-]+$/i.test(text)) return text;
  if (/^\[[0-9a-f:.]+\]$/i.test(text) && isIP(text.slice(1, -1)) === 6) return text;
  throw usageError(
    `${quote(text)} is not a host name`,
    'write it as in a URL, without a port: auth.internal',
  );
}

/**
 * A network of trusted proxies, as an address or a CIDR block, or `unix` for the peers on a Unix socket.
 *
 * @throws CredctlError `usage` for anything else, and for all addresses at once
 */
export function parseProxy(text: string): string {
  return text === 'unix' ? text : parseNetwork(text, isIP);
}

/** The flags that say where to listen, as they were given. */
export interface ListeningFlags {
  readonly host: string;
  readonly port: number;
  readonly socket?: string;
  readonly socketMode: number;
  /** Whether a flag was on the command line. */
  readonly isGiven: (flag: 'host' | 'port' | 'socketMode') => boolean;
}

/** The places to listen on. */
export interface Listening {
  readonly host: string;
  readonly port: number | null;
  readonly socket: { readonly path: string; readonly mode: number } | null;
}

/**
 * Where to listen: on a port, or on a socket, which takes the place of the default port but not of a named one.
 *
 * @throws CredctlError `usage` for flags of what there is not
 */
export function listeningPlaces(flags: ListeningFlags, absolute: (path: string) => string): Listening {
  const { port, socket, socketMode: mode, isGiven } = flags;
  const host = parseAddress(flags.host);
  if (socket === undefined) {
    if (isGiven('socketMode'))
      throw usageError('--socket-mode works only with --socket', 'add --socket PATH');
    return { host, port, socket: null };
  }
  if (isGiven('host') && !isGiven('port')) {
    throw usageError(
      '--host works only with a port, and --socket replaces the port',
      'add --port 8080 to listen on both',
    );
  }
  return { host, port: isGiven('port') ? port : null, socket: { path: absolute(socket), mode } };
}

/**
 * Parser of `--socket-mode`: permission bits in octal, as of chmod(1).
 *
 * @throws CredctlError `usage` for anything else
 */
export function socketMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw usageError(`--socket-mode takes octal permission bits, not ${quote(text)}`, 'such as 0660');
}

/**
 * The place of a list of public keys: an absolute path, or an https URL.
 *
 * @throws CredctlError `usage` for a URL without TLS or with a password
 */
export function keyPlace(text: string, absolute: (path: string) => string): string {
  if (text !== '' && !/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return absolute(text);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:' && url.username + url.password === '') return url.href;
  throw usageError(
    `${quote(text)} cannot be a place of public keys`,
    'name a file, or a URL like https://api.github.com/meta/public_keys/secret_scanning',
  );
}
