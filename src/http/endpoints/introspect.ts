import type { FastifyRequest } from 'fastify';
import { endOf, type Principal } from '../../usecases/serving/principal.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import { introspectToken } from '../../usecases/serving/tokens.js';
import { batched, type Handler, type ServerContext } from '../context.js';
import { issuerOf } from '../issuer.js';
import { authenticateClient } from '../request/authenticated-client.js';
import { authorizationOf, unusable } from '../request/authorization.js';
import { bearerSecret } from '../request/bearer.js';
import { clientAddress } from '../request/client-address.js';
import { credentialsIn } from '../request/client-auth.js';
import { parametersOf } from '../request/oauth-request.js';
import type { Parameters } from '../request/parameters.js';
import { bearerDenied, good, invalidClient, oauthError, WireError } from '../wire-error.js';

const PARAMETERS = ['token', 'token_type_hint'];

const API_KEYS = ['key'] as const;

/** `POST /oauth/v1/introspect`: token introspection (RFC 7662). */
export function introspectionEndpoint(context: ServerContext): Handler {
  return batched(context, (request) => {
    const parameters = parametersOf(request, PARAMETERS);
    const token = parameters.get('token');
    if (token === null) throw new WireError(oauthError('invalid_request', 'token is missing'));
    return thenMaybeSync(authenticateCaller(context, request, parameters), (caller) =>
      thenMaybeSync(
        introspectToken(context, caller, token, clientAddress(request.raw, context.trusts)),
        (found) => good(found === null ? { active: false } : described(found, issuerOf(context, request))),
      ),
    );
  });
}

/** Authenticates a client by its secret, or the holder of an API key by a bearer token (RFC 7662 §2.1). */
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
    throw new WireError(oauthError('invalid_request', 'use one method of client authentication'));
  }
  const { secret } = bearerSecret(request.raw);
  const address = clientAddress(request.raw, context.trusts);
  return thenMaybeSync(
    context.verifier.verify({ secret, kinds: API_KEYS, clientId: null, address }),
    (answer) => {
      context.metrics.countVerification(answer);
      if (!answer.accepted) throw bearerDenied(answer, secret);
      return answer;
    },
  );
}

function hasClient(parameters: Parameters): boolean {
  return parameters.get('client_id') !== null || parameters.get('client_secret') !== null;
}

/** Introspection response (RFC 7662 §2.2). */
function described(principal: Principal, issuer: string): Record<string, unknown> {
  const { credential, token, scopes } = principal;
  return {
    active: true,
    scope: scopes.join(' '),
    client_id: credential.clientId,
    token_type: 'Bearer',
    // The principal may end before the token expires.
    exp: Math.floor((endOf(principal) ?? 0) / 1_000),
    iat: Math.floor((token?.issuedAt ?? 0) / 1_000),
    sub: credential.id,
    username: credential.name,
    iss: issuer,
  };
}
