import type { IncomingMessage } from 'node:http';
import type { RefusalNote } from '../wire-error.js';

/** The headers of a request, in the form of `node:http`. */
export type RequestHeaders = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

/** The `Authorization` header of a request (RFC 9110 §11.6.2). */
export type Authorization =
  | { readonly scheme: 'none' }
  | { readonly scheme: 'basic' | 'bearer' | 'other'; readonly value: string }
  | { readonly scheme: 'repeated' };

/**
 * Parses the header. Several are reported as `repeated`: Node.js keeps the first one only, which would be
 * ambiguous.
 */
export function authorizationOf(request: RequestHeaders): Authorization {
  const header = request.headers.authorization;
  if (header === undefined) return { scheme: 'none' };
  if (occurrences(request.rawHeaders, 'authorization') > 1) return { scheme: 'repeated' };
  // Some gateways always forward the header, empty where the client sent none.
  if (header === '') return { scheme: 'none' };
  const space = header.indexOf(' ');
  const scheme = (space === -1 ? header : header.slice(0, space)).toLowerCase();
  const value = space === -1 ? '' : header.slice(space + 1).trim();
  return { scheme: scheme === 'basic' || scheme === 'bearer' ? scheme : 'other', value };
}

/** Why a request has no credentials that an endpoint accepts. */
export function unusable({ scheme }: Authorization): RefusalNote {
  return { reason: scheme === 'none' ? 'no_credentials' : 'unsupported_scheme', handle: null };
}

/** Number of occurrences of a header. */
export function occurrences(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at] ?? '';
    if (header.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count;
}
