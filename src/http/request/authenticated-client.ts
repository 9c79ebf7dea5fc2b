import type { FastifyRequest } from 'fastify';
import { coversAll, denied, type Principal } from '../../usecases/serving/principal.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import type { ServerContext } from '../context.js';
import { bearerDenied, clientDenied, scopeDenied } from '../wire-error.js';
import { authorizationOf } from './authorization.js';
import { bearerSecret } from './bearer.js';
import { clientAddress } from './client-address.js';
import { type ClientCredentials, credentialsIn } from './client-auth.js';
import { knownParameters } from './parameters.js';

const CLIENT_SECRETS = ['sec'] as const;

type Authenticating = Pick<ServerContext, 'verifier' | 'metrics' | 'trusts'>;

/**
 * Authenticates a client by its credentials.
 *
 * @throws WireError `invalid_client` for every failure
 */
export function authenticateClient(
  { verifier, metrics, trusts }: Authenticating,
  request: FastifyRequest,
  credentials: ClientCredentials,
): Principal | Promise<Principal> {
  const { clientId, secret } = credentials;
  const address = clientAddress(request.raw, trusts);
  return thenMaybeSync(verifier.verify({ secret, kinds: CLIENT_SECRETS, clientId, address }), (answer) => {
    metrics.countVerification(answer);
    if (!answer.accepted) throw clientDenied(answer, credentials);
    return answer;
  });
}

/**
 * Authenticates the holder of an API key or an access token, which must have a scope.
 *
 * @throws WireError `invalid_token` for every failure, `insufficient_scope`, `invalid_request`
 */
export function authenticateBearer(
  { verifier, metrics, trusts }: Authenticating,
  request: FastifyRequest,
  scope: string,
): Principal | Promise<Principal> {
  const { secret, kinds } = bearerSecret(request.raw);
  const address = clientAddress(request.raw, trusts);
  return thenMaybeSync(verifier.verify({ secret, kinds, clientId: null, address }), (answer) => {
    const isEnough = !answer.accepted || coversAll(answer, [scope]);
    metrics.countVerification(isEnough ? answer : denied('insufficient_scope'));
    if (!answer.accepted) throw bearerDenied(answer, secret);
    if (!isEnough) throw scopeDenied([scope], secret);
    return answer;
  });
}

/**
 * Authenticates a client by its credentials in the header, or as {@link authenticateBearer}; either must have the scope.
 *
 * @throws WireError
 */
export function authenticateHolder(
  context: Authenticating,
  request: FastifyRequest,
  scope: string,
): Principal | Promise<Principal> {
  const authorization = authorizationOf(request.raw);
  if (authorization.scheme !== 'basic') return authenticateBearer(context, request, scope);
  const credentials = credentialsIn(authorization, knownParameters(new Map(), []));
  return thenMaybeSync(authenticateClient(context, request, credentials), (principal) => {
    if (!coversAll(principal, [scope])) throw scopeDenied([scope], credentials.secret);
    return principal;
  });
}
