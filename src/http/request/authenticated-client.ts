import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../usecases/serving/principal.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import type { ServerContext } from '../context.js';
import { clientDenied } from '../wire-error.js';
import { clientAddress } from './client-address.js';
import type { ClientCredentials } from './client-auth.js';

const CLIENT_SECRETS = ['sec'] as const;

/**
 * Authenticates a client by its credentials.
 *
 * @throws WireError `invalid_client` for every failure
 */
export function authenticateClient(
  { verifier, metrics, trusts }: Pick<ServerContext, 'verifier' | 'metrics' | 'trusts'>,
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
