import { BEARER_MISSING, bearerRequestError, WireError } from '../wire-error.js';
import { authorizationOf, occurrences, type RequestHeaders, unusable } from './authorization.js';

/** The secret presented to a resource endpoint. */
export interface BearerSecret {
  readonly secret: string;
  readonly kinds: readonly ('key' | 'tok')[];
}

const BEARER_KINDS = ['key', 'tok'] as const;
const API_KEY_KINDS = ['key'] as const;

/**
 * The API key or access token in `Authorization: Bearer` (RFC 6750 §2.1); query and body are not supported.
 *
 * @throws WireError when there is none, or the header is malformed
 */
export function bearerSecret(request: RequestHeaders): BearerSecret {
  const authorization = authorizationOf(request);
  if (authorization.scheme === 'repeated') throw twoMethods();
  if (authorization.scheme !== 'bearer') throw new WireError(BEARER_MISSING, unusable(authorization));
  if (authorization.value === '' || /\s/.test(authorization.value)) {
    throw new WireError(bearerRequestError('the Authorization header is malformed'));
  }
  return { secret: authorization.value, kinds: BEARER_KINDS };
}

/**
 * As {@link bearerSecret}, or an API key in `X-API-Key`.
 *
 * @throws WireError when there is none, the header is malformed, or both are present
 */
export function bearerOrApiKey(request: RequestHeaders): BearerSecret {
  const apiKey = request.headers['x-api-key'];
  if (apiKey === undefined) return bearerSecret(request);
  if (occurrences(request.rawHeaders, 'x-api-key') > 1 || typeof apiKey !== 'string') throw twoMethods();
  const { scheme } = authorizationOf(request);
  if (scheme === 'bearer' || scheme === 'repeated') {
    // Some gateways always forward both headers, one of them empty.
    if (apiKey === '') return bearerSecret(request);
    throw twoMethods();
  }
  return { secret: apiKey, kinds: API_KEY_KINDS };
}

function twoMethods(): WireError {
  return new WireError(bearerRequestError('send only one secret'));
}
