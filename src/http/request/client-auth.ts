import type { IncomingMessage } from 'node:http';
import { invalidClient, oauthError, WireError } from '../wire-error.js';
import { type Authorization, authorizationOf, unusable } from './authorization.js';
import type { Parameters } from './parameters.js';

/** Client id and secret (RFC 6749 §2.3.1). */
export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string;
  /** The scheme of the header; `none` for credentials in the body. */
  readonly scheme: 'basic' | 'none';
}

/**
 * Reads the client's credentials from the header (`client_secret_basic`) or the body (`client_secret_post`).
 *
 * @throws WireError `invalid_client` when there are none or they cannot be parsed, `invalid_request` when there
 *   are two
 */
export function clientCredentials(request: IncomingMessage, parameters: Parameters): ClientCredentials {
  return credentialsIn(authorizationOf(request), parameters);
}

/** As {@link clientCredentials}, for a parsed header. */
export function credentialsIn(authorization: Authorization, parameters: Parameters): ClientCredentials {
  const clientId = parameters.get('client_id');
  const secret = parameters.get('client_secret');
  if (authorization.scheme === 'repeated') throw twoMethods();
  if (authorization.scheme === 'none') {
    if (clientId === null || secret === null) throw refusal(authorization);
    return { clientId, secret, scheme: 'none' };
  }
  if (secret !== null) throw twoMethods();
  if (authorization.scheme !== 'basic') throw refusal(authorization);
  const basic = parseBasic(authorization.value);
  if (basic === null) {
    throw new WireError(invalidClient('basic'), { reason: 'malformed_credentials', handle: null });
  }
  if (clientId !== null && clientId !== basic.clientId) throw twoMethods();
  return basic;
}

function refusal(authorization: Authorization): WireError {
  return new WireError(invalidClient(authorization.scheme), unusable(authorization));
}

function twoMethods(): WireError {
  return new WireError(oauthError('invalid_request', 'use only one method of client authentication'));
}

/** Both parts are form-urlencoded, then joined and base64-encoded (RFC 6749 §2.3.1, RFC 7617). */
function parseBasic(value: string): ClientCredentials | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return null;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon === -1) return null;
  try {
    return {
      clientId: formDecoded(pair.slice(0, colon)),
      secret: formDecoded(pair.slice(colon + 1)),
      scheme: 'basic',
    };
  } catch {
    return null;
  }
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
