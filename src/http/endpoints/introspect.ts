import type { FastifyRequest } from 'fastify';
import { endOf, type Principal } from '../../usecases/serving/principal.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import { INTROSPECT, introspectToken } from '../../usecases/serving/tokens.js';
import { batched, type Handler, type ServerContext } from '../context.js';
import { issuerOf } from '../issuer.js';
import { authenticateBearer, authenticateClient } from '../request/authenticated-client.js';
import { authorizationOf, unusable } from '../request/authorization.js';
import { clientAddress, plainAddress } from '../request/client-address.js';
import { credentialsIn } from '../request/client-auth.js';
import { parametersOf } from '../request/oauth-request.js';
import type { Parameters } from '../request/parameters.js';
import { good, invalidClient, oauthError, throttledSecret, WireError } from '../wire-error.js';

const PARAMETERS = ['token', 'token_type_hint'];

/** `POST /oauth/v1/introspect`: token introspection (RFC 7662), of API keys as well. */
export function introspectionEndpoint(context: ServerContext): Handler {
  return batched(context, (request) => {
    const parameters = parametersOf(request, PARAMETERS);
    const token = parameters.get('token');
    if (token === null) throw new WireError(oauthError('invalid_request', 'token is missing'));
    return thenMaybeSync(authenticateCaller(context, request, parameters), (caller) =>
      thenMaybeSync(introspectToken(context, caller, token, presenterOf(request, context)), (found) => {
        if (found === null) return good({ active: false });
        if (!found.accepted) throw throttledSecret(found, token);
        return good(described(found, issuerOf(context, request)));
      }),
    );
  });
}

/**
 * The address of the client that presented the secret which is asked about: what a trusted proxy or the caller, as one,
 * forwards. The caller's own is none: one that asks for many would be throttled for what any of them presents.
 */
function presenterOf({ raw }: FastifyRequest, { trusts }: ServerContext): string {
  const address = clientAddress(raw, trusts);
  return address === plainAddress(raw.socket.remoteAddress ?? '') ? '' : address;
}

/**
 * Authenticates a client by its secret, or the holder of an API key or an access token by that (RFC 7662 §2.1).
 *
 * @throws WireError also for a bearer without the scope: an API key obtains no tokens that it could ask about, and an
 *   access token would stand for its client, which did not ask for it to be used here
 */
function authenticateCaller(
  context: ServerContext,
  request: FastifyRequest,
  parameters: Parameters,
): Principal | Promise<Principal> {
  const authorization = authorizationOf(request.raw);
  if (authorization.scheme === 'none' && !hasClient(parameters)) {
    throw new WireError(invalidClient('bearer'), unusable(authorization));
  }
  if (authorization.scheme !== 'bearer') {
    return authenticateClient(context, request, credentialsIn(authorization, parameters));
  }
  if (parameters.get('client_secret') !== null) {
    throw new WireError(oauthError('invalid_request', 'use only one method of client authentication'));
  }
  return authenticateBearer(context, request, INTROSPECT);
}

function hasClient(parameters: Parameters): boolean {
  return parameters.get('client_id') !== null || parameters.get('client_secret') !== null;
}

/** Introspection response (RFC 7662 §2.2). An API key has neither a client id nor, mostly, an end. */
function described(principal: Principal, issuer: string): Record<string, unknown> {
  const { credential, token, scopes } = principal;
  const about = { sub: credential.id, username: credential.name, iss: issuer };
  // The principal may end before the token expires.
  const end = endOf(principal);
  const ends = end === null ? {} : { exp: inSeconds(end) };
  if (token === null)
    return { active: true, scope: scopes.join(' '), token_type: 'api_key', ...ends, ...about };
  return {
    active: true,
    scope: scopes.join(' '),
    client_id: credential.clientId,
    token_type: 'Bearer',
    ...ends,
    iat: inSeconds(token.issuedAt),
    ...about,
  };
}

/** A NumericDate (RFC 7519 §2) of epoch milliseconds. */
function inSeconds(time: number): number {
  return Math.floor(time / 1_000);
}
