import { revokeToken } from '../../usecases/serving/tokens.js';
import type { Handler, ServerContext } from '../context.js';
import { authenticateClient } from '../request/authenticated-client.js';
import { clientCredentials } from '../request/client-auth.js';
import { parametersOf } from '../request/oauth-request.js';
import { NO_STORE, oauthError, WireError } from '../wire-error.js';

const PARAMETERS = ['token', 'token_type_hint'];

/** `POST /oauth/v1/revoke`: revokes a token of the client; a no-op for any other text (RFC 7009 §2.2). */
export function revocationEndpoint(context: ServerContext): Handler {
  return async (request, reply) => {
    const parameters = parametersOf(request, PARAMETERS);
    const token = parameters.get('token');
    if (token === null) throw new WireError(oauthError('invalid_request', 'token is missing'));
    const client = await authenticateClient(context, request, clientCredentials(request.raw, parameters));
    await revokeToken(context, client, token);
    return reply.headers(NO_STORE).send();
  };
}
