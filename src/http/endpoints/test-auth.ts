import type { Answer } from '../../usecases/serving/principal.js';
import { endOf } from '../../usecases/serving/principal.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import { batched, type Handler, type ServerContext } from '../context.js';
import { bearerSecret } from '../request/bearer.js';
import { clientAddress } from '../request/client-address.js';
import { bearerDenied, type WireAnswer } from '../wire-error.js';

const UNCACHED = { 'cache-control': 'no-store' };

/** `GET /rest/v1/auth/test`: describes the credential of the presented API key or access token. */
export function testAuthEndpoint(context: ServerContext): Handler {
  return batched(context, (request) => {
    const { secret, kinds } = bearerSecret(request.raw);
    const address = clientAddress(request.raw, context.trusts);
    return thenMaybeSync(context.verifier.verify({ secret, kinds, clientId: null, address }), (answer) =>
      tell(context, secret, answer),
    );
  });
}

function tell({ metrics }: ServerContext, secret: string, answer: Answer): WireAnswer {
  metrics.countVerification(answer);
  if (!answer.accepted) throw bearerDenied(answer, secret);
  const { credential, scopes } = answer;
  const end = endOf(answer);
  return {
    status: 200,
    headers: UNCACHED,
    body: {
      name: credential.name,
      type: credential.type,
      client_id: credential.clientId,
      scopes,
      expires_at: end === null ? null : new Date(end).toISOString(),
    },
  };
}
