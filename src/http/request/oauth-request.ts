import type { FastifyRequest } from 'fastify';
import { oauthError, WireError } from '../wire-error.js';
import { type BodyParameters, knownParameters, type Parameters } from './parameters.js';

/** Parameters refused in a URL, which proxies and servers log. */
const IN_THE_BODY = ['client_id', 'client_secret', 'grant_type', 'scope', 'token'];

/** Parameters of client authentication (RFC 6749 §2.3.1), known to every endpoint. */
const OF_THE_CLIENT = ['client_id', 'client_secret'];

/**
 * The parameters in the body of an OAuth request.
 *
 * @param known parameters of the endpoint besides client authentication
 * @throws WireError `invalid_request` when they are in the URL (forbidden by RFC 6749 §2.3.1), compressed, or a
 *   known one is not text
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
