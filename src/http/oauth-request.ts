import type { FastifyRequest } from 'fastify';
import { NO_PARAMETERS, type Parameters } from './parameters.js';
import { oauthError, WireError } from './wire-error.js';

/** Parameters that would end up in the logs of everything on the way if they stood in the URL. */
const IN_THE_BODY = ['client_id', 'client_secret', 'grant_type', 'scope', 'token'];

/**
 * The parameters in the body of an OAuth request.
 *
 * @throws WireError `invalid_request` when they stand in the URL (RFC 6749 §2.3.1 forbids that), or are compressed
 */
export function parametersOf(request: FastifyRequest): Parameters {
  const start = request.url.indexOf('?');
  if (start !== -1) {
    const query = new URLSearchParams(request.url.slice(start + 1));
    if (IN_THE_BODY.some((name) => query.has(name))) {
      throw new WireError(oauthError('invalid_request', 'parameters belong in the body, not in the URL'));
    }
  }
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw new WireError(oauthError('invalid_request', 'the body is compressed'));
  }
  return (request.body as Parameters | undefined) ?? NO_PARAMETERS;
}
