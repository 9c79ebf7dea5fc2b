import type { FastifyRequest } from 'fastify';
import type { IssuedToken } from '../../usecases/serving/issue-token.js';
import type { Principal } from '../../usecases/serving/principal.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import { batched, type Handler, type ServerContext } from '../context.js';
import { clientAddress } from '../request/client-address.js';
import { type ClientCredentials, clientCredentials } from '../request/client-auth.js';
import { parametersOf } from '../request/oauth-request.js';
import type { Parameters } from '../request/parameters.js';
import { clientDenied, good, oauthError, type WireAnswer, WireError } from '../wire-error.js';

/** `audience` and `resource` are accepted, and change nothing. */
const PARAMETERS = ['grant_type', 'scope', 'audience', 'resource'];

const CLIENT_SECRETS = ['sec'] as const;

/** `POST /oauth/v1/token`: client credentials for an access token (RFC 6749 §4.4). */
export function tokenEndpoint(context: ServerContext): Handler {
  return batched(context, (request) => {
    const parameters = parametersOf(request, PARAMETERS);
    requireGrantType(parameters);
    const authenticated = authenticateClient(context, request, clientCredentials(request.raw, parameters));
    return thenMaybeSync(authenticated, async (client) => {
      const granted = await context.tokenIssuer.issue(client, parameters.get('scope'));
      if (typeof granted === 'string') throw new WireError(oauthError(granted));
      context.metrics.tokensIssued += 1;
      return described(granted);
    });
  });
}

function requireGrantType(parameters: Parameters): void {
  const grantType = parameters.get('grant_type');
  if (grantType === 'client_credentials') return;
  throw new WireError(
    grantType === null
      ? oauthError('invalid_request', 'grant_type is missing')
      : oauthError('unsupported_grant_type'),
  );
}

/**
 * The client that the credentials belong to.
 *
 * @throws WireError `invalid_client` for whatever is wrong with them
 */
export function authenticateClient(
  { verifier, metrics, trusts }: Pick<ServerContext, 'verifier' | 'metrics' | 'trusts'>,
  request: FastifyRequest,
  { clientId, secret }: ClientCredentials,
): Principal | Promise<Principal> {
  const address = clientAddress(request.raw, trusts);
  return thenMaybeSync(verifier.verify({ secret, kinds: CLIENT_SECRETS, clientId, address }), (answer) => {
    metrics.countVerification(answer);
    if (!answer.granted) throw clientDenied(answer, secret);
    return answer;
  });
}

/** RFC 6749 §5.1. */
function described({ accessToken, expiresIn, scopes }: IssuedToken): WireAnswer {
  return good({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresIn,
    scope: scopes.join(' '),
  });
}
