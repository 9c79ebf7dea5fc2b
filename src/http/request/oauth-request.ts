import type { FastifyRequest } from 'fastify';
import { oauthError, WireError } from '../wire-error.js';
import { type BodyParameters, knownParameters, type Parameters } from './parameters.js';

/** Parameters that would end up in the logs of everything on the way if they stood in the URL. */
const IN_THE_BODY = ['client_id', 'client_secret', 'grant_type', 'scope', 'token'];

/** Every endpoint knows those that a client authenticates with (RFC 6749 §2.3.1). */
const OF_THE_CLIENT = ['client_id', 'client_secret'];

/**
 * The parameters in the body of an OAuth request.
 *
 * @param known what the endpoint knows besides those that a client authenticates with
 * @throws WireError `invalid_request` when they stand in the URL (RFC 6749 §2.3.1 forbids that), are compressed, or one that
 *   is known is no text
 */
export function parametersOf(request: FastifyRequest, known: readonly string[]): Parameters {
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
  const body = (request.body as BodyParameters | undefined) ?? new Map();
  return knownParameters(body, [...OF_THE_CLIENT, ...known]);
}
